import {
  type KernelCall,
  maskedScores,
  numbersIn,
  type RowNumbers,
  rowCalls,
  type Uniform,
} from "../agreement/calls.ts";
import { each, type KernelCase } from "../agreement/case.ts";

const moderate = (random: Uniform, n: number) => numbersIn(random, n);
const logits = (random: Uniform, n: number) => numbersIn(random, n, -30, 30);
/** Ordinary rows, and rows of which a part is hidden. */
function* scoreCalls(random: Uniform): Iterable<KernelCall> {
  yield* rowCalls([logits])(random);
  yield* rowCalls([maskedScores])(random);
}
/** Positive, with a sum of about 1. */
const probabilities: RowNumbers = (random, n, cols) => numbersIn(random, n, 0, 2 / cols);
const logarithms = (random: Uniform, n: number) =>
  maskedScores(random, n).map((x) => (x > -40 ? x / 3 - 10 : x)); // of probabilities, some of which are 0

export const cases: readonly KernelCase[] = [
  ...each("softmax", 8, "x − max rounds: an error of eˣ⁻ᵐᵃˣ where that is tiny", scoreCalls, {
    floor: 1e-3,
  }),
  ...each("logSoftmax", 4, "logarithm of a sum of exponentials; the difference may cancel", scoreCalls, {
    floor: 1,
  }),
  ...each("softmaxGrad", 4, "g − Σ g·y may cancel", rowCalls([probabilities, moderate]), {
    floor: (call) => 8 / Number(call[4]),
  }),
  ...each("logSoftmaxGrad", 4, "Σ g may cancel", rowCalls([logarithms, moderate]), {
    floor: (call) => Number(call[4]),
  }),
];
