import {
  can,
  checked,
  counted,
  defaultRandom,
  expectArgument,
  isList,
  Printed,
  type Random,
  written,
} from "../../00-runtime/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { checkIndices, collate, type Dataset, type Sample } from "../dataset.ts";
import type { ExampleRandom } from "./pass.ts";
import { checkUnchanged, type Recipe } from "./recipe.ts";

/**
 * Some examples of a data set, in the order given; nothing is copied.
 *
 * Throws  RangeError for a number the data set does not have
 */
export class Subset extends Printed implements Dataset {
  readonly dataset: Dataset;
  readonly indices: Int32Array;

  constructor(dataset: Dataset, indices: ArrayLike<number>) {
    super();
    expectArgument(can(dataset, "get"), "Subset", "dataset", dataset, "a data set, with length and get(i)");
    checkIndices("Subset", indices, dataset.length);
    this.dataset = dataset;
    this.indices = Int32Array.from(indices);
  }

  get length(): number {
    return this.indices.length;
  }

  get randomized(): boolean {
    return this.dataset.randomized ?? false;
  }

  get(i: number, random?: Random): Sample {
    checkIndices("Subset.get", [i], this.length);
    return this.dataset.get(this.indices[i], random);
  }

  batch(indices: ArrayLike<number>, random?: ExampleRandom): Batch {
    checkIndices("Subset.batch", indices, this.length);
    const inner = Int32Array.from(indices, (i) => this.indices[i]);
    if (this.dataset.batch) return this.dataset.batch(inner, random);
    return collate(Array.from(inner, (i, k) => this.dataset.get(i, random?.(k))));
  }

  recipe(): Recipe {
    checkUnchanged(this, Subset);
    return { export: "Subset", arguments: [this.dataset, this.indices] };
  }

  protected override describe(): string {
    return `${counted(this.length, "example")} of ${written(this.dataset)}`;
  }
}

/** Options of `randomSplit`. */
export interface RandomSplitOptions {
  readonly random?: Random;
}

/**
 * Deals all examples out at random, each to one part.
 *
 *   const [train, validation] = randomSplit(all, [0.9, 0.1]);
 *   const [train, validation] = randomSplit(all, [50_000, 10_000]);
 *
 * Fractions are rounded down; what is left over goes to the parts one by one, from the first.
 *
 * Throws  RangeError unless the parts are integers ≥ 0 that sum to the length, or fractions that sum to 1
 */
export function randomSplit(
  dataset: Dataset,
  parts: readonly number[],
  options: RandomSplitOptions = {},
): Subset[] {
  const { random = defaultRandom } = checked("randomSplit", options, ["random"]);
  expectArgument(
    can(dataset, "get"),
    "randomSplit",
    "dataset",
    dataset,
    "a data set, with length and get(i)",
  );
  const counts = countsOf(parts, dataset.length);
  const order = random.permutation(dataset.length);
  let end = 0;
  return counts.map((count) => {
    end += count;
    return new Subset(dataset, order.subarray(end - count, end));
  });
}

function countsOf(parts: readonly number[], length: number): readonly number[] {
  expectArgument(isList(parts), "randomSplit", "parts", parts, "a list of counts or fractions: [0.9, 0.1]");
  const total = parts.reduce((sum, part) => sum + part, 0);
  const valid = parts.every((part) => part >= 0);
  if (valid && total === length && parts.every(Number.isInteger)) return parts;
  if (!valid || Math.abs(total - 1) > 1e-9) {
    throw new RangeError(
      `randomSplit: parts [${parts.join(", ")}] of ${length} examples sum to ${total} — parts are counts that sum to ` +
        `${length}, or fractions that sum to 1`,
    );
  }
  // 0.29 · 100 is 28.999…: a product that is an integer but for rounding counts as that integer.
  const counts = parts.map((part) => Math.floor(part * length + 1e-6));
  for (let left = length - counts.reduce((sum, count) => sum + count, 0), i = 0; left > 0; left--, i++) {
    counts[i % counts.length]++;
  }
  return counts;
}
