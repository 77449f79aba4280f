import { fromArray, noGrad, scope, type Tensor } from "tensorgrad";
import { crossEntropy, evaluating, type GPT, KVCache } from "tensorgrad/nn";

/** Runs without gradients and dropout, and gives the memory back. */
function looking<T>(model: GPT, look: () => T): T {
  using _ = scope();
  using __ = noGrad();
  using ___ = evaluating(model);
  return look();
}

const batchOf = (ids: ArrayLike<number>): Tensor => fromArray(Int32Array.from(ids), [1, ids.length]);
const largest = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

/** How far the scores of earlier positions move when a later character is changed: 0 for a model that does not look ahead. */
export function causality(model: GPT, ids: Int32Array): number {
  return looking(model, () => {
    const half = ids.length >> 1;
    const changed = ids.map((id, i) => (i < half ? id : (id + 1) % model.vocabSize));
    const [before, after] = [model.forward(batchOf(ids)), model.forward(batchOf(changed))];
    return largest(before.narrow(1, 0, half), after.narrow(1, 0, half));
  });
}

/** The largest difference between scores with a cache, one character at a time, and without, over a whole window. */
export function cacheDifference(model: GPT, ids: Int32Array): number {
  return looking(model, () => {
    const whole = model.forward(batchOf(ids));
    const cache = KVCache.for(model);
    let most = 0;
    for (const [i, id] of ids.entries()) {
      const cached = model.next(batchOf([id]), cache);
      most = Math.max(most, largest(cached, whole.select(1, i)));
    }
    return most;
  });
}

/** Mean surprise at each place of a window, in nats: what context is worth. */
export function surpriseByPlace(
  model: GPT,
  batches: Iterable<{ readonly x: Tensor; readonly y: Tensor }>,
): number[] {
  const sums: number[] = new Array(model.maxSeqLen).fill(0);
  let windows = 0;
  for (const { x, y } of batches) {
    looking(model, () => {
      const losses = crossEntropy(model.forward(x).flatten(0, 1), y.flatten(), { reduction: "none" });
      losses.data.forEach((loss, i) => {
        sums[i % model.maxSeqLen] += loss;
      });
      windows += x.shape[0];
    });
  }
  return sums.map((sum) => sum / windows);
}

/** How the heads of one layer spread their attention over a text. */
export interface LayerAttention {
  /** Of each head, [T, T] row by row: how much each position takes from each. */
  readonly weights: readonly Float32Array[];
  /** Of each head, in bits: 0 where one position is looked at, log₂ n where n are looked at evenly. */
  readonly entropy: readonly number[];
}

/** With `lifted`, each layer's weights are those that it would give if its causal mask were lifted, after layers that have theirs. */
export function attentionMaps(model: GPT, ids: Int32Array, { lifted = false } = {}): LayerAttention[] {
  return looking(model, () => {
    let x = model.embedding.forward(batchOf(ids));
    if (model.positions) x = model.positions.forward(x);
    return model.blocks.map((block) => {
      const weights = block.attention.weights(block.attentionNorm.forward(x), { causal: !lifted }); // [1, heads, T, T]
      x = block.forward(x);
      const heads = Array.from({ length: weights.shape[1] }, (_, h) => weights.select(0, 0).select(0, h));
      return { weights: heads.map((one) => one.data.slice() as Float32Array), entropy: heads.map(entropyOf) };
    });
  });
}

/** The mean over all rows. */
const entropyOf = (weights: Tensor): number =>
  weights.mul(weights.add(1e-30).log()).sum().neg().item() / weights.shape[0] / Math.LN2;
