import { MLP, type Value, v } from "micrograd";
import { atLeast, atMost, exampleOptions, finish, isMain } from "./lib/options.ts";

/**
 * Milestone 0: exclusive or, with the scalar engine.
 *
 * No line separates {00, 11} from {01, 10}, so a linear model gets at most three of the four right. Eight
 * hidden neurons make a curve, and get all four.
 *
 *   npx tsx examples/xor.ts     4/4, loss 0.0032 nats, about 0.1 s
 */
const samples: readonly { x: readonly [number, number]; isOne: boolean }[] = [
  { x: [0, 0], isOne: false },
  { x: [0, 1], isOne: true },
  { x: [1, 0], isOne: true },
  { x: [1, 1], isOne: false },
];

export interface XorProgress {
  step: number;
  loss: number;
  /** Of the four, before this step. */
  accuracy: number;
}

export interface XorOptions {
  seed?: number;
  steps?: number;
  onStep?: (progress: XorProgress) => void;
}

export interface XorRun {
  model: MLP;
  /** Mean loss in nats per sample, before each step. */
  losses: number[];
  /** The probability that the answer is one, anywhere in the plane. */
  predict: (x: number, y: number) => number;
  accuracy: number;
  /** The best that a linear model had at any step of the same training. */
  linearAccuracy: number;
  seconds: number;
}

export function trainXor({ seed = 1, steps = 500, onStep = () => {} }: XorOptions = {}): XorRun {
  const start = performance.now();
  const model = new MLP(2, [8, 1], { seed });
  const history = train(model, steps, onStep);
  const linear = new MLP(2, [1], { seed });
  const linearHistory = train(linear, steps);
  return {
    model,
    losses: history.map(({ loss }) => loss),
    predict: (x, y) => model.forward([x, y])[0]!.sigmoid().data,
    accuracy: evaluate(model).accuracy,
    linearAccuracy: Math.max(evaluate(linear).accuracy, ...linearHistory.map(({ accuracy }) => accuracy)),
    seconds: (performance.now() - start) / 1000,
  };
}

/** Plain gradient descent on all four samples at once, learning rate 1. */
function train(model: MLP, steps: number, onStep: (progress: XorProgress) => void = () => {}): XorProgress[] {
  const history: XorProgress[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss, accuracy } = evaluate(model);
    model.zeroGrad();
    loss.backward();
    for (const parameter of model.parameters()) parameter.data -= parameter.grad;
    history.push({ step, loss: loss.data, accuracy });
    onStep({ step, loss: loss.data, accuracy });
  }
  return history;
}

/** The mean of −log P(right answer) = log(1 + e^∓logit), and the share of right answers: logit > 0 means one. */
export function evaluate(model: MLP): { loss: Value; accuracy: number } {
  let total = v(0);
  let right = 0;
  for (const { x, isOne } of samples) {
    const logit = model.forward(x)[0]!;
    total = total.add(
      logit
        .mul(isOne ? -1 : 1)
        .exp()
        .add(1)
        .log(),
    );
    right += Number(logit.data > 0 === isOne);
  }
  return { loss: total.div(samples.length), accuracy: right / samples.length };
}

/** The plane around the four points in characters, "one" dark; y points up. */
function drawBoundary(predict: XorRun["predict"]): string {
  const shades = " .:-=+*#";
  const character = (x: number, y: number) => {
    const sample = samples.find((s) => s.x[0] === x && s.x[1] === y);
    return sample ? Number(sample.isOne) : shades[Math.floor(predict(x, y) * 7.999)];
  };
  const row = (y: number) => Array.from({ length: 41 }, (_, i) => character(i / 20 - 0.5, y)).join("");
  return Array.from({ length: 17 }, (_, j) => row(1.5 - j / 8)).join("\n");
}

function main(): void {
  const { quick, seed, json } = exampleOptions("xor", "Milestone 0: XOR with the scalar engine");
  const steps = quick ? 200 : 500;
  const { accuracy, linearAccuracy, losses, predict, seconds } = trainXor({
    seed,
    steps,
    onStep: ({ step, loss, accuracy }) => {
      if ((step + 1) % (steps / 10) === 0) {
        console.log(
          `step ${String(step + 1).padStart(3)}/${steps}  loss ${loss.toFixed(4)}  ${accuracy * 4}/4`,
        );
      }
    },
  });
  console.log(drawBoundary(predict));
  finish({
    json,
    result: { accuracy, linearAccuracy, loss: losses.at(-1), seconds, seed, steps },
    misses: [...atLeast("accuracy", accuracy, 1), ...atMost("linear accuracy", linearAccuracy, 0.75)],
  });
}

if (isMain(import.meta.url)) main();
