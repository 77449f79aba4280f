import { checked } from "../00-runtime/index.ts";
import { type Tensor, widened } from "../01-tensor/index.ts";
import { type init, Module, type Parameter } from "../03-layers/index.ts";
import { checkedState, checkInput, checkOptions, checkSizes } from "./checks.ts";
import type { Course, Recurrence } from "./recurrence.ts";
import { applied } from "./sequence.ts";
import { drawWeights, type Kind } from "./weights.ts";

export interface CellOptions extends init.Draw {
  readonly bias?: boolean;
}

/**
 * One step of a recurrent network, for loops of one's own: a sequence of length 1.
 *
 * Shapes    x [B, in] or [in], states [B, H] or [H] (0 unless given) → the same states after the step
 * Start     all weights uniform in ±1/√H, as in PyTorch
 * Throws    ShapeError for another width, rank, or shape of a state
 */
export abstract class RecurrentCell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly weight_ih: Parameter;
  readonly weight_hh: Parameter;
  readonly bias_ih: Parameter | null;
  readonly bias_hh: Parameter | null;
  readonly #kind: Kind;

  constructor(inputSize: number, hiddenSize: number, kind: Kind, options: CellOptions) {
    const { bias = true, random, ...unknown } = checked(new.target.name, options, ["random", "bias"]);
    super();
    const { name } = new.target;
    checkSizes(name, inputSize, hiddenSize);
    checkOptions(name, unknown, ["bias", "random"]);
    [this.inputSize, this.hiddenSize, this.#kind] = [inputSize, hiddenSize, kind];
    const drawn = drawWeights(inputSize, hiddenSize, kind, bias, random ? { random } : {});
    [this.weight_ih, this.weight_hh] = [drawn.weight_ih, drawn.weight_hh];
    [this.bias_ih, this.bias_hh] = [drawn.bias_ih, drawn.bias_hh];
  }

  protected abstract sequence(course: Course): Recurrence;

  /** h after the step. The states before it are 0 unless given: h, and for an LSTM c. */
  override forward(x: Tensor, ...state: Tensor[]): Tensor {
    return this.#stepped(x, state, false)[0];
  }

  /** All states after the step: [h], for an LSTM [h, c]. */
  step(x: Tensor, state: readonly Tensor[] = []): Tensor[] {
    return this.#stepped(x, state, this.#kind.states > 1);
  }

  #stepped(x: Tensor, state: readonly Tensor[], final: boolean): Tensor[] {
    const call = `${this.constructor.name}(${this.inputSize} → ${this.hiddenSize})`;
    x = widened(x);
    checkInput(call, x, [1, 2], `[B, ${this.inputSize}]`, this.inputSize, this.weight_ih);
    const lead = x.shape.slice(0, -1);
    const given = checkedState(call, state, this.#kind.states, [...lead, this.hiddenSize], x);
    const single = x.rank === 1;
    const batch = single ? x.unsqueeze(0) : x;
    const states = single ? given.map((one) => one.unsqueeze(0)) : given;
    const make = (course: Course) => this.sequence(course);
    const y = applied(make, batch.unsqueeze(0), this, { states, lengths: null, reverse: false, final });
    const after = final
      ? Array.from({ length: this.#kind.states }, (_, s) => y.select(0, 1 + s))
      : [y.select(0, 0)];
    return single ? after.map((one) => one.squeeze(0)) : after;
  }

  protected override describe(): string {
    return `${this.inputSize} → ${this.hiddenSize}${this.bias_ih ? "" : ", bias: false"}`;
  }
}
