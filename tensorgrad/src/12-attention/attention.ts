import { checked, defaultRandom, kernels, type Random } from "../00-runtime/index.ts";
import {
  expectTensor,
  Function,
  fillWith,
  type Gradient,
  isRecording,
  narrowed,
  type Tensor,
} from "../01-tensor/index.ts";
import { asHeads, newAsHeads } from "../11-embeddings/index.ts";
import * as reference from "./attention.reference.ts";
import * as split from "./attention.split.ts";
import { checkOperands } from "./checks.ts";
import { composedAttention, composedGradients, type Scoring } from "./composed.ts";
import { addedMask } from "./mask.ts";
import { attentionNode } from "./onnx.ts";

const kernel = kernels(reference, split);

/** Rows as wide as this fit into a thread's scratch memory with all else that a block needs. */
const WIDEST = 1024;
/** Nanoseconds of a score and what follows from it, for each of its products' multiplications. */
const COST = 0.03;

type Heads = Readonly<Record<"q" | "k" | "v" | "mask", Tensor>>;

/**
 * Attention as one kernel, forward and backward: the scores exist block by block only.
 *
 *   y = softmax(scale·q·kᵀ + mask)·v
 *
 * Shapes    q [..., H, T, D], k [..., Hk, S, D], v [..., Hk, S, E], mask → y [..., H, T, E], in q's order in memory
 * Gradient  p the weights, dp = g·vᵀ, ds = p·(dp − Σ g·y): q: scale·ds·k; k: scale·dsᵀ·q; v: pᵀ·g; mask: none
 * Cost      2·T·S·(D + E) flops, half of it if causal; kept for backward: y and two numbers for each query
 * ONNX      MatMul, Softmax, MatMul
 * Source    Dao et al. 2022, FlashAttention
 */
export class Attention extends Function {
  #heads!: Heads;
  #y!: Tensor;
  #stats!: Tensor;
  readonly causal: boolean;
  readonly scale: number;
  constructor(causal: boolean, scale: number) {
    super();
    [this.causal, this.scale] = [causal, scale];
  }
  forward(...inputs: Tensor[]): Tensor {
    const [q, k, v] = inputs.slice(0, 3).map(asHeads);
    const [N, H, T] = q.shape;
    const mask = addedMask(inputs[3] ?? null, inputs[0], k.shape[2]);
    this.#heads = { q, k, v, mask: mask ?? q };
    this.#y = newAsHeads(q, [N, H, T, v.shape[3]]);
    this.#stats = q.newEmpty([N, H, T, 2]);
    if (k.shape[2] === 0) fillWith(this.#y, 0);
    else {
      const sizes = this.#sizes(mask !== null, {});
      const cost = this.#cost(2);
      kernel.attention(q, k, v, this.#heads.mask, this.#y, this.#stats, sizes, this.scale, 0, N * H, cost);
      sizes.dispose();
    }
    return this.#y.reshape([...inputs[0].shape.slice(0, -1), v.shape[3]]);
  }
  backward(g: Tensor): Gradient[] {
    const [q, k, v, mask = null] = this.prev;
    const none = mask ? [null] : [];
    if (isRecording()) return [...composedGradients(q, k, v, g, this.#scoring(mask)), ...none];
    let made: Tensor[] | null = null;
    const part = (i: number) => () => {
      made ??= this.#gradients(g);
      return made[i].reshape(this.prev[i].shape);
    };
    return [part(0), part(1), part(2), ...none];
  }
  #scoring(mask: Tensor | null): Scoring {
    return { mask, causal: this.causal, scale: this.scale };
  }
  /** All three at once: the weights of a block, computed anew, serve each of them. */
  #gradients(gradient: Tensor): Tensor[] {
    const { q, k, v, mask } = this.#heads;
    const g = asHeads(gradient);
    const [dq, dk, dv] = [q, k, v].map((x) => newAsHeads(x, x.shape));
    if (k.shape[2] === 0 || q.shape[2] === 0) return [dq, dk, dv].map((x) => fillWith(x, 0));
    const sizes = this.#sizes(mask !== q, { g, dq, dk, dv });
    const [N, Hk] = k.shape;
    const saved = [this.#y, this.#stats] as const;
    const cost = (this.#cost(5) * q.shape[1]) / Hk;
    kernel.attentionGrad(q, k, v, mask, ...saved, g, dq, dk, dv, sizes, this.scale, 0, N * Hk, cost);
    sizes.dispose();
    return [dq, dk, dv];
  }
  /** As `attention.reference.ts` lists them. */
  #sizes(masked: boolean, { g, dq, dk, dv }: Readonly<Record<string, Tensor>>): Tensor {
    const { q, k, v, mask } = this.#heads;
    const [N, H, T, D] = q.shape;
    const [, Hk, S] = k.shape;
    const numbers = [N, H, Hk, T, S, D, v.shape[3], Number(this.causal), Number(masked)];
    for (const x of [q, k, v, this.#y, g, dq, dk, dv])
      for (let d = 0; d < 3; d++) numbers.push(x ? x.strides[d] : 0);
    numbers.push(...mask.strides);
    return q.newFrom(numbers, [numbers.length], "int32");
  }
  /** Nanoseconds of one head, with so many products. */
  #cost(products: number): number {
    const { q, k, v } = this.#heads;
    const pairs = q.shape[2] * k.shape[2] * (this.causal ? 0.5 : 1);
    return (pairs * products * (q.shape[3] + v.shape[3]) * COST) / 2;
  }
  override multiplyAdds([q, k]: readonly Tensor[], y: Tensor): number {
    const [T, S, D, E] = [
      ...[q, k].map((x) => x.shape.at(-2) as number),
      q.shape.at(-1) as number,
      y.shape.at(-1) as number,
    ];
    const pairs = this.causal ? T * S - (T * (T - 1)) / 2 : T * S; // of a query and a key that it may see
    return (q.size / (T * D || 1)) * pairs * (D + E);
  }
  override onnx() {
    return attentionNode(this.prev, this.#scoring(this.prev[3] ?? null));
  }
}

export interface AttentionOptions {
  /** bool, true where a query may see a key; or numbers that are added to the scores. Broadcasts to [..., H, T, S]. */
  readonly mask?: Tensor | null;
  /** No query sees keys after its own position; the last query stands at the last key. */
  readonly causal?: boolean;
  /** Factor of the scores; 1/√D unless given. */
  readonly scale?: number;
  /** Silences weights with this probability, and scales the others. */
  readonly dropoutP?: number;
  readonly random?: Random;
}

/**
 * For each query the average of the values, weighted by how well their keys fit.
 *
 *   y = softmax(scale·q·kᵀ + mask)·v
 *
 * Shapes    q [..., H, T, D], k [..., Hk, S, D], v [..., Hk, S, E] → y [..., H, T, E]; H a multiple of Hk. H/Hk query heads in
 *           a row share a key head: 1 key head is multi-query attention. [T, D] is one head
 * Blind     a query that may see no key gets 0
 * Memory    of y only; with dropout, or a mask that wants a gradient, all T·S weights
 * Throws    ShapeError for operands or a mask that do not fit; TypeError for other dtypes
 * ONNX      MatMul, Softmax, MatMul
 * Source    Vaswani et al. 2017, Attention is all you need
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor {
  for (const [name, x] of Object.entries({ q, k, v })) expectTensor("scaledDotProductAttention", x, name);
  const {
    mask = null,
    causal = false,
    scale = 1 / Math.sqrt(Math.max(1, q.shape.at(-1) ?? 1)),
    dropoutP = 0,
    random = defaultRandom,
  } = checked("scaledDotProductAttention", options, ["mask", "causal", "scale", "dropoutP", "random"]);
  [q, k, v] = narrowed(q, k, v);
  checkOperands(q, k, v, { mask, causal, dropoutP, scale });
  const widest = Math.max(q.shape.at(-1) as number, v.shape.at(-1) as number);
  if (dropoutP > 0 || mask?.requiresGrad || widest > WIDEST)
    return composedAttention(q, k, v, { mask, causal, scale }, dropoutP, random);
  return new Attention(causal, scale).apply(q, k, v, ...(mask ? [mask] : []));
}
