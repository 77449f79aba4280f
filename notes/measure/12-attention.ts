import { heap, noGrad, Random, randn, scope, type Tensor, tensor } from "tensorgrad";
import { causalMask, scaledDotProductAttention, softmax } from "tensorgrad/nn";
import { useThreads } from "tensorgrad/runtime";
import { compared, exponent, report } from "../lib/measure.ts";
import { scored, tokenizer, trained, unseen } from "../lib/tiny-language.ts";

/** Note 12: memory and time of attention that holds its weights, and of one kernel; how few weights matter. */
useThreads(1);
const [HEADS, WIDTH] = [4, 32];

const operands = (heads: number, length: number) => {
  const random = new Random(length);
  return Array.from({ length: 4 }, () => randn([1, heads, length, WIDTH], { random }));
};

/** Attention from its parts, as one writes it first. */
function parts(q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor {
  const scores = q.mul(1 / Math.sqrt(WIDTH)).matmul(k.transpose(-2, -1));
  return softmax(mask.where(scores, -Infinity)).matmul(v);
}

const fused = (q: Tensor, k: Tensor, v: Tensor) => scaledDotProductAttention(q, k, v, { causal: true });

/** Bytes beyond inputs, outputs and gradients that forward and backward take at most. */
function bytesOf(attend: (q: Tensor, k: Tensor, v: Tensor) => Tensor, length: number): number {
  using _ = scope();
  const [q, k, v, g] = operands(HEADS, length);
  for (const x of [q, k, v]) x.requiresGrad = true;
  const before = heap.live;
  heap.resetPeak();
  attend(q, k, v).backward(g);
  return heap.peak - before - 4 * 4 * q.size;
}

function memory() {
  const points = [256, 512, 1024, 2048, 4096, 8192].map((length) => {
    const mask = length > 2048 ? null : causalMask(length);
    const plain = mask ? bytesOf((q, k, v) => parts(q, k, v, mask), length) : null;
    return { length, plain, fused: bytesOf(fused, length), weights: 4 * HEADS * length ** 2 };
  });
  const pairs = (of: "plain" | "fused") =>
    points.flatMap((point): (readonly [number, number])[] => {
      const bytes = point[of];
      return bytes === null ? [] : [[point.length, bytes]];
    });
  return { points, plainExponent: exponent(pairs("plain")), fusedExponent: exponent(pairs("fused")) };
}

/** Milliseconds of 48 heads, forward and with backward. */
function times() {
  return [64, 128, 256].map((length) => {
    const [q, k, v, g] = operands(48, length);
    const mask = causalMask(length);
    const forward = compared({
      plain: () => within(() => noGrad(() => parts(q, k, v, mask))),
      fused: () => within(() => noGrad(() => fused(q, k, v))),
    });
    for (const x of [q, k, v]) x.requiresGrad = true;
    const both = compared({
      plain: () => stepped(() => parts(q, k, v, mask).backward(g), [q, k, v]),
      fused: () => stepped(() => fused(q, k, v).backward(g), [q, k, v]),
    });
    return {
      length,
      forward,
      both,
      forwardGain: forward.plain / forward.fused,
      gain: both.plain / both.fused,
    };
  });
}

function within(run: () => unknown): void {
  using _ = scope();
  run();
}

const stepped = (run: () => void, leaves: readonly Tensor[]): void =>
  within(() => {
    run();
    for (const x of leaves) x.zeroGrad();
  });

/** Softmax of 48 · 128 rows of 128: whole, and with the half hidden that a causal mask hides. */
function hidden() {
  const scores = randn([48, 128, 128], { random: new Random(1) });
  const masked = causalMask(128).where(scores, -Infinity);
  return compared({
    whole: () => within(() => softmax(scores)),
    masked: () => within(() => softmax(masked)),
  });
}

/** How a trained model spreads its attention. */
function spread() {
  const context = 64;
  const model = trained({ context, embedDim: 64, numHeads: 4 }, { steps: 400 });
  return noGrad(() => {
    const ids = tensor([...unseen.subarray(0, 16 * context)], { dtype: "int32" }).reshape(16, context);
    const layers = [0, 1].map((layer) => {
      const weights = model.weights(ids, layer); // [16, 4, T, T]
      return Array.from({ length: 4 }, (_, h) => shares(weights.select(1, h)));
    });
    const line = tensor([...unseen.subarray(0, 32)], { dtype: "int32" }).reshape(1, 32);
    const maps = [0, 1].map((layer) => {
      const weights = model.weights(line, layer).select(0, 0);
      return Array.from({ length: 4 }, (_, h) =>
        Array.from(weights.select(0, h).data, (w) => Math.round(w * 1000) / 1000),
      );
    });
    const heads = layers.flat();
    const average = (of: "negligible" | "entropy" | "half") =>
      heads.reduce((sum, head) => sum + head[of], 0) / heads.length;
    return {
      loss: scored(model, context),
      layers,
      negligible: average("negligible"),
      entropy: average("entropy"),
      half: average("half"),
      text: tokenizer.decode([...unseen.subarray(0, 32)]),
      maps,
    };
  });
}

/** Of the last half of the queries, which see 32 to 64 keys. */
function shares(weights: Tensor) {
  const [B, T] = weights.shape;
  let [small, all, entropy, half, rows] = [0, 0, 0, 0, 0];
  for (let b = 0; b < B; b++)
    for (let i = T / 2; i < T; i++) {
      const row = Array.from(weights.select(0, b).select(0, i).data).slice(0, i + 1);
      small += row.filter((w) => w < 0.01).length;
      all += row.length;
      entropy -= row.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0);
      row.sort((x, y) => y - x);
      for (let sum = 0, most = 0; sum < 0.5; most++, half++) sum += row[most];
      rows++;
    }
  return { negligible: small / all, entropy: entropy / rows, half: half / rows };
}

report({ heads: HEADS, width: WIDTH, memory: memory(), times: times(), softmax: hidden(), spread: spread() });
