import assert from "node:assert/strict";
import { Random, type Tensor, tensor } from "tensorgrad";
import { GPT, type SamplingOptions } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

/** Chances of tokens 0 to 4. */
const CHANCES = [0.12, 0.5, 0.05, 0.3, 0.03];

/** A model that always says the same. */
class Constant extends GPT {
  override next(ids: Tensor): Tensor {
    const scores = CHANCES.map(Math.log);
    return tensor(Array.from({ length: ids.shape[0] }, () => scores));
  }
}

/** Which tokens are ever drawn, in the order of their ids. */
function drawn(options: SamplingOptions): number[] {
  const model = new Constant({ vocabSize: 5, embedDim: 4, numLayers: 1, numHeads: 1, maxSeqLen: 1 });
  const prompts = Array.from({ length: 32 }, () => [0]);
  const texts = model.generate(prompts, { ...options, maxLength: 3, random: new Random(7) });
  return [...new Set(texts.flatMap((text) => [...text.slice(1)]))].sort();
}

function keeps(options: SamplingOptions, expected: readonly number[], why: string): void {
  const found = drawn(options);
  assert.deepEqual(found, expected, `${JSON.stringify(options)} draws from tokens ${found}: ${why}`);
}

export const checks: Checks = {
  "top-p keeps the likeliest token, whatever the limit": () => {
    keeps({ topK: 3 }, [0, 1, 3], "tokens 1, 3 and 0 are the likeliest");
    keeps({ topP: 0.4 }, [1], "token 1 alone has a chance of 50 %");
  },
  "top-p keeps the fewest tokens that reach the share": () => {
    keeps({ topP: 0.75 }, [1, 3], "tokens 1 and 3 together have a chance of 80 %");
    keeps({ topP: 0.9 }, [0, 1, 3], "three tokens together have a chance of 92 %");
  },
  "top-p is a share of what top-k has left": () =>
    keeps({ topK: 2, topP: 0.6 }, [1], "of the two that are left, token 1 has 50 of 80 %"),
};

export const probes: Probes = () =>
  [{ topK: 3 }, { topP: 0.4 }, { topP: 0.75 }, { topK: 2, topP: 0.6 }].flatMap((options) =>
    attempt(() => [drawn(options).join()]),
  );
