import { expectArgument } from "../../00-runtime/index.ts";
/** Whether less or more of a result is better. */
export type Direction = "min" | "max";

/** What results are called of which less is better. */
const LESS = new Set(
  (
    "loss losses error errors err perplexity ppl mae mse rmse mape smape nll bce entropy divergence kl distance cost " +
    "brier ece wer cer bits nats bpc deviation seconds ms latency regret"
  ).split(" "),
);

/**
 * Which direction is better, by a result's name: less of losses, errors, perplexities and the like, more of all else.
 *
 *   directionOf("validation.loss")      // "min", and so for "train.error", "validation.mae", "testMAE", "cross-entropy"
 *   directionOf("validation.accuracy")  // "max"
 */
export function directionOf(result: string): Direction {
  expectArgument(
    typeof result === "string",
    "directionOf",
    "result",
    result,
    'a name, such as "validation.loss"',
  );
  const words = result.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/);
  return words.some((word) => LESS.has(word.toLowerCase())) ? "min" : "max";
}

/** Throws  RangeError for a direction that is none */
export function checkDirection(call: string, mode: string | undefined): void {
  if (mode === undefined || mode === "min" || mode === "max") return;
  throw new RangeError(`${call}: mode "${mode}" — expected "min" or "max"`);
}

/** Positive where `value` is better than `best`: by how much. */
export const gain = (direction: Direction, value: number, best: number): number =>
  direction === "min" ? best - value : value - best;
