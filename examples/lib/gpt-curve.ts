import type { Callback, Json, StepResult, Trainer } from "tensorgrad/train";
import type { GptRecipe } from "./gpt-recipe.ts";

/** Where a training stood after some steps. */
export interface CurvePoint {
  readonly step: number;
  /** The mean loss of the steps since the point before, nats a character. */
  readonly train: number;
  /** On a part of the validation text. */
  readonly validation: number;
  readonly seconds: number;
}

export interface CurveOptions {
  readonly recipe: GptRecipe;
  readonly everySteps: number;
  readonly validate: () => number;
  readonly onPoint?: (point: CurvePoint) => void;
}

/** Notes losses and time while a training runs; what it noted is part of every checkpoint. */
export class Curve implements Callback {
  points: CurvePoint[] = [];
  seconds = 0;
  cpuSeconds = 0;
  #losses: [sum: number, count: number] = [0, 0];
  #since = { wall: 0, cpu: 0 };
  readonly #options: CurveOptions;

  constructor(options: CurveOptions) {
    this.#options = options;
  }

  onFitStart(): void {
    this.#since = now();
  }

  onStepEnd(_: Trainer, { step, loss }: StepResult): void {
    const { wall, cpu } = now();
    this.seconds += wall - this.#since.wall;
    this.cpuSeconds += cpu - this.#since.cpu;
    this.#losses = [this.#losses[0] + loss, this.#losses[1] + 1];
    const { recipe, everySteps, validate, onPoint } = this.#options;
    if (step % everySteps === 0 || step === recipe.steps) {
      const train = this.#losses[0] / this.#losses[1];
      const point = { step, train, validation: validate(), seconds: Math.round(this.seconds) };
      this.points.push(point);
      this.#losses = [0, 0];
      onPoint?.(point);
    }
    this.#since = now();
  }

  stateDict(): Json {
    const { points, seconds, cpuSeconds } = this;
    return { points: points.map((point) => ({ ...point })), seconds, cpuSeconds, losses: this.#losses };
  }

  loadStateDict(state: Json): void {
    const { losses, ...rest } = state as unknown as Pick<Curve, "points" | "seconds" | "cpuSeconds"> & {
      losses: [number, number];
    };
    Object.assign(this, rest);
    this.#losses = losses;
  }
}

/** Both in seconds. */
function now(): { wall: number; cpu: number } {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, cpu: (user + system) / 1e6 };
}
