import { defaultRandom, type Random } from "../00-runtime/index.ts";
import { cat, fromArray, type Tensor, zeros } from "../01-tensor/index.ts";
import { softmax } from "../02-activations/index.ts";
import { init, Module, Parameter } from "../03-layers/index.ts";

export class Embedding extends Module {
  readonly weight: Parameter;
  constructor(vocabSize: number, embedDim: number, { random = defaultRandom }: { readonly random?: Random } = {}) {
    super();
    this.weight = new Parameter(init.normal(zeros([vocabSize, embedDim]), 0, 1, { random }));
  }
  override forward(ids: Tensor): Tensor {
    return this.weight.indexSelect(0, ids.reshape(-1)).reshape([...ids.shape, this.weight.shape[1]]);
  }
}

export class RotaryEmbedding extends Module {
  readonly #cos: Tensor;
  readonly #sin: Tensor;
  constructor(headDim: number, { base = 10000, maxSeqLen = 1024 } = {}) {
    super();
    const half = headDim / 2;
    const angle = (i: number) => Math.floor(i / half) * base ** (-(i % half) / half);
    const table = (f: (x: number) => number) =>
      fromArray(Float32Array.from({ length: maxSeqLen * half }, (_, i) => f(angle(i))), [maxSeqLen, half]);
    this.#cos = table(Math.cos);
    this.#sin = table(Math.sin);
  }
  override forward(x: Tensor, offset: Tensor | number = 0): Tensor {
    const at = offset as number;
    const half = x.shape[x.rank - 1] / 2;
    const [cos, sin] = [this.#cos.narrow(0, at, x.shape[x.rank - 2]), this.#sin.narrow(0, at, x.shape[x.rank - 2])];
    const [a, b] = [x.narrow(-1, 0, half), x.narrow(-1, half, half)];
    return cat([a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))], -1);
  }
}

export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  {
    causal = false,
    mask,
    scale = 1 / Math.sqrt(q.shape[q.rank - 1]),
  }: { readonly causal?: boolean; readonly mask?: Tensor; readonly scale?: number } = {},
): Tensor {
  let scores = q.matmul(k.transpose(-2, -1)).mul(scale);
  if (causal) {
    const [m, n] = scores.shape.slice(-2);
    scores = scores.add(bias(m, n));
  }
  if (mask) scores = mask.where(scores, -Infinity);
  return softmax(scores, -1).matmul(v);
}
const biases = new Map<string, Tensor>();
function bias(m: number, n: number): Tensor {
  const key = `${m},${n}`;
  let b = biases.get(key);
  if (!b || b.storage.freed) {
    b = fromArray(
      Float32Array.from({ length: m * n }, (_, i) => ((i % n) - (n - m) > Math.floor(i / n) ? -Infinity : 0)),
      [m, n],
    );
    biases.set(key, b);
  }
  return b;
}
