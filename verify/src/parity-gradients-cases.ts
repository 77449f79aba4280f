import { cat, Random, randint, randn, type Tensor } from "tensorgrad";
import { crossEntropy, GELU, Linear, Module, mse, Sequential, SiLU, softmax, Tanh } from "tensorgrad/nn";
import type { Loss, Model } from "tensorgrad/onnx";
import { type GradientParity, gradientParity } from "./parity-gradients.ts";

/** A function whose backward pass is exported: what of, at which numbers, and down to which loss. */
export interface GradientCase {
  readonly name: string;
  readonly make: (random: Random) => {
    readonly model: Model;
    readonly inputs: readonly Tensor[];
    readonly loss: Loss;
    readonly targets?: readonly Tensor[];
  };
}

/** Compares one row of the table with ONNX Runtime; the same numbers for the same seed. */
export function checkGradientCase(
  row: GradientCase,
  { seed = 1, dtype = "float32" }: { readonly seed?: number; readonly dtype?: "float32" | "float64" } = {},
): Promise<GradientParity> {
  const { model, inputs, targets, loss } = drawCase(row, seed, dtype);
  const tolerance = dtype === "float32" ? 1e-5 : 1e-12;
  return gradientParity(model, inputs, { loss, targets, tolerance, name: row.name });
}

/** One example of a row, in this dtype; indices stay what they are. */
export function drawCase({ make }: GradientCase, seed: number, dtype: "float32" | "float64") {
  const { model, inputs, loss, targets = [] } = make(new Random(seed));
  const typed = (x: Tensor) => (x.isFloat ? x.to(dtype) : x);
  const own = model instanceof Module ? model.to(dtype) : model;
  return { model: own, inputs: inputs.map(typed), targets: targets.map(typed), loss };
}

/** Σ y·v with v drawn once: a loss whose gradient is different for every output. */
const weighted: Loss = (y: Tensor, v: Tensor) => y.mul(v).sum();

type Shape = readonly number[];

/** A row for a function: inputs of these shapes, normally distributed, and a random weight for each of its outputs. */
function composite(
  name: string,
  shapes: readonly Shape[],
  output: Shape,
  model: (...inputs: Tensor[]) => Tensor,
): GradientCase {
  return {
    name,
    make: (random) => {
      const draw = (shape: Shape) => randn(shape, { random });
      return { model, inputs: shapes.map(draw), loss: weighted, targets: [draw(output)] };
    },
  };
}

/** A row for a module with 10 classes. */
const classifier = (name: string, make: (random: Random) => Module): GradientCase => ({
  name,
  make: (random) => ({
    model: make(random),
    inputs: [randn([16, 12], { random })],
    loss: crossEntropy,
    targets: [randint(0, 10, [16], { random })],
  }),
});

const mlp = (random: Random, bend: Tanh | GELU | SiLU) =>
  new Sequential(new Linear(12, 24, { random }), bend, new Linear(24, 10, { random }));

const normalized = (x: Tensor) => {
  const centred = x.sub(x.mean(-1, { keepDim: true }));
  return centred.div(x.var(-1, { keepDim: true, correction: 0 }).add(1e-5).sqrt());
};

const attention = (q: Tensor, k: Tensor, v: Tensor) =>
  softmax(q.matmul(k.transpose(-2, -1)).mul(1 / Math.sqrt(q.shape[q.rank - 1]))).matmul(v);

// biome-ignore format: a table, one function per row
export const gradientCases: readonly GradientCase[] = [
  classifier("tanh MLP, cross-entropy", (random) => mlp(random, new Tanh())),
  classifier("gelu MLP, cross-entropy", (random) => mlp(random, new GELU())),
  classifier("gelu (tanh) MLP, cross-entropy", (random) => mlp(random, new GELU({ approximate: "tanh" }))),
  {
    name: "silu MLP, mean squared error",
    make: (random) => ({
      model: mlp(random, new SiLU()),
      inputs: [randn([16, 12], { random })],
      loss: mse,
      targets: [randn([16, 10], { random })],
    }),
  },
  composite("attention softmax(q·kᵀ)·v", [[2, 5, 4], [2, 6, 4], [2, 6, 3]], [2, 5, 3], attention),
  composite("logSumExp", [[4, 7]], [4], (x) => x.mul(3).logSumExp(-1)),
  composite("layer norm by hand, gain and bias", [[6, 8], [8], [8]], [6, 8], (x, w, b) => normalized(x).mul(w).add(b)),
  composite("broadcast bias and outer sum", [[3, 1, 5], [4, 1], [5]], [3, 4, 5], (a, b, c) => a.add(b).mul(c).add(b)),
  composite("division and square root", [[4, 5], [5]], [4, 5], (a, b) => a.div(b.square().add(1).sqrt())),
  composite("power of a power", [[4, 5], [5]], [4, 5], (a, b) => a.abs().add(0.5).pow(b.tanh()).pow(1.5)),
  composite("power with a tensor exponent that is 0", [[4, 5]], [4, 5], (a) => a.square().pow(a.mul(0).add(a.relu()))),
  composite("relu, where and clamp", [[6, 7], [6, 7]], [6, 7], (a, b) => a.gt(b).where(a.relu(), b.clamp(-0.5, 0.5)).mul(b)),
  composite("max along a dim, min of all", [[5, 6]], [5], (x) => x.max(1).values.mul(x.min())),
  composite("maximum, minimum and abs", [[5, 6], [6]], [5, 6], (a, b) => a.maximum(b).sub(a.minimum(b).abs())),
  composite("cat, slices with steps, narrow", [[4, 9], [4, 5]], [4, 8],
    (a, b) => cat([a.slice(1, 1, 9, 3), b], 1).mul(cat([b.narrow(1, 1, 4), a.slice(1, 0, 8, 2)], 1))),
  composite("reshape, permute, expand, select", [[2, 3, 4], [1, 4]], [4, 6],
    (a, b) => a.permute(2, 0, 1).reshape(4, 6).add(b.expand(6, 4).t()).mul(a.select(0, 1).sum(0).unsqueeze(1))),
  composite("standardized rows: var, std, mean", [[6, 9]], [6, 9], (x) => x.sub(x.mean(1, { keepDim: true })).div(x.std(1, { keepDim: true }))),
  composite("logistic chain: exp, log1p, sigmoid", [[5, 5]], [5, 5], (x) => x.exp().log1p().mul(x.sigmoid()).add(x.expm1().mul(0.1))),
  composite("waves: sin, cos, rsqrt, reciprocal", [[5, 5]], [5, 5], (x) => x.sin().mul(x.cos()).mul(x.square().add(1).rsqrt()).add(x.square().add(2).reciprocal())),
  composite("erf and gelu both ways", [[5, 5]], [5, 5], (x) => x.erf().mul(x.gelu()).add(x.gelu({ approximate: "tanh" }))),
  composite("quadratic form xᵀ·A·x", [[6], [6, 6]], [], (x, a) => x.matmul(a).matmul(x)),
  composite("batched products that broadcast", [[3, 1, 2, 4], [5, 4, 3]], [3, 5, 2, 3], (a, b) => a.matmul(b)),
  composite("one tensor used five times", [[4, 4]], [4, 4], (x) => x.matmul(x.t()).mul(x).add(x.tanh().matmul(x))),
];
