import type { Random } from "../../src/00-runtime/index.ts";
import { fromArray } from "../../src/01-tensor/index.ts";
import type { Batch } from "../../src/07-training/index.ts";
import type { Dataset, Sample } from "../../src/08-data/dataset.ts";
import type { Recipe } from "../../src/08-data/loading/recipe.ts";
import { Transform } from "../../src/08-data/transforms/transform.ts";

const here = (name: string, ...list: readonly unknown[]): Recipe => ({
  module: import.meta.url,
  export: name,
  arguments: list,
});

/** A user's own data set, which draws. */
export class Noise implements Dataset {
  readonly length: number;
  readonly randomized = true;

  constructor(length: number) {
    this.length = length;
  }

  get(i: number, random?: Random): Sample {
    return { x: [i, random?.normal() ?? 0], y: i };
  }

  recipe(): Recipe {
    return here("Noise", this.length);
  }
}

/** Goes wrong at one example: throws, ends its process, or never ends. */
export class Broken implements Dataset {
  readonly length = 20;
  readonly #at: number;
  readonly #how: string;

  constructor(at: number, how = "throw") {
    [this.#at, this.#how] = [at, how];
  }

  get(i: number): Sample {
    if (i === this.#at && this.#how === "throw") throw new RangeError(`no picture of example ${i}`);
    if (i === this.#at && this.#how === "exit") process.exit(3);
    if (i === this.#at && this.#how === "later") {
      queueMicrotask(() => {
        throw new Error("too late");
      });
    }
    return { x: i, y: i };
  }

  recipe(): Recipe {
    return here("Broken", this.#at, this.#how);
  }
}

/** Fails while it is made in the other thread. */
export class Unmakeable extends Noise {
  constructor(length: number, fail = false) {
    super(length);
    if (fail) throw new Error("no such folder");
  }

  override recipe(): Recipe {
    return here("Unmakeable", this.length, true);
  }
}

/** An object made by a function that returns a promise. */
export const later = async (length: number): Promise<Dataset> => new Noise(length);

export class Later extends Noise {
  override recipe(): Recipe {
    return here("later", this.length);
  }
}

export class Missing extends Noise {
  override recipe(): Recipe {
    return here("nowhere");
  }
}

/** Batches of every dtype that has a typed array of its own. */
export class Mixed implements Dataset {
  readonly length = 6;

  get(i: number): Sample {
    return this.batch([i]);
  }

  batch(indices: ArrayLike<number>): Batch {
    const values = Array.from(indices);
    return {
      x: fromArray(values, [values.length], { dtype: "float64" }),
      y: fromArray(
        values.map((i) => i % 2),
        [values.length],
        { dtype: "bool" },
      ),
    };
  }

  recipe(): Recipe {
    return here("Mixed");
  }
}

export class Invert extends Transform {
  outputShape(shape: readonly number[]): readonly number[] {
    return shape;
  }

  write(from: Float32Array, _: readonly number[], to: Float32Array): void {
    for (let i = 0; i < from.length; i++) to[i] = 1 - from[i];
  }

  recipe(): Recipe {
    return here("Invert");
  }
}
