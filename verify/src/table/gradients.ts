import { cat, einsum, grad, ones, type Random, rand, randint, randn, stack, type Tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import type { Objective } from "tensorgrad/onnx";
import { leaves } from "../gradients/evaluate.ts";
import type { Problem } from "../parity/gradients.ts";
import { mlp } from "../parity/models.ts";
import type { Named } from "../section.ts";

/** A function whose backward pass is exported: what of, at which numbers, and down to which loss. */
export interface GradientCase extends Named {
  readonly make: (random: Random) => Problem;
}

/** Σ y·v with v drawn once: a loss whose gradient is different for every output. */
const weighted: Objective = (y: Tensor, v: Tensor) => y.mul(v).sum();

type Shape = readonly number[];
type Draw = (random: Random) => Tensor;

/** A row for a function of normally distributed tensors of these shapes, with a random weight for each of its outputs. */
function composite(
  name: string,
  inputs: readonly (Shape | Draw)[],
  model: (...inputs: Tensor[]) => Tensor,
): GradientCase {
  return {
    name,
    make: (random) => {
      const drawn = inputs.map((input) =>
        typeof input === "function" ? input(random) : randn(input, { random }),
      );
      const { shape } = model(...leaves(drawn)); // a model may ask for gradients itself
      return { model, inputs: drawn, loss: weighted, targets: [randn(shape, { random })] };
    },
  };
}

/** Positions below n. */
const below =
  (n: number, shape: Shape): Draw =>
  (random) =>
    randint(0, n, shape, { random });

const widths = [12, 24, 10];

/** A row for a network with 10 classes. */
const classifier = (name: string, activation: () => nn.Layer): GradientCase => ({
  name,
  make: (random) => ({
    model: mlp(random, widths, activation),
    inputs: [randn([16, 12], { random })],
    loss: nn.crossEntropy,
    targets: [randint(0, 10, [16], { random })],
  }),
});

/** A row for a module: the gradients of its parameters. */
const part = (name: string, input: Shape | Draw, make: (random: Random) => nn.Module): GradientCase => ({
  name,
  make: (random) => {
    const model = make(random);
    const x = typeof input === "function" ? input(random) : randn(input, { random });
    return { model, inputs: [x], loss: weighted, targets: [randn(model.forward(x).shape, { random })] };
  },
});

/** Layer norm from its parts, over the last dim: x [..., C] → [..., C]. */
const normalized = (x: Tensor) => {
  const centred = x.sub(x.mean(-1, { keepDim: true }));
  return centred.div(x.var(-1, { keepDim: true, correction: 0 }).add(1e-5).sqrt());
};

/** q [..., T, C], k [..., S, C], v [..., S, D] → [..., T, D] */
const attention = (q: Tensor, k: Tensor, v: Tensor) =>
  nn.softmax(q.matmul(k.transpose(-2, -1)).mul(1 / Math.sqrt(q.shape[q.rank - 1]))).matmul(v);

const [rows, classes] = [12, 4];
const numbers: Draw = (random) => randn([rows, classes], { random });
const answers: Draw = (random) => randint(0, 2, [rows, classes], { random }).to("float32");
const shares: Draw = (random) => rand([rows, classes], { random });
const distributions: Draw = (random) => nn.softmax(numbers(random));
const labels: Draw = (random) => randint(0, classes, [rows], { random });
const weight: Draw = (random) => rand([classes], { random }).add(0.5);

/** a residual block with an activation, a linear layer, and what leads to the loss's domain. */
function trained(
  name: string,
  activation: nn.Layer,
  tail: readonly nn.Layer[],
  loss: (random: Random) => Objective,
  targets: Draw,
): GradientCase {
  return {
    name,
    make: (random) => ({
      model: new nn.Sequential(
        new nn.Residual(new nn.Linear(6, 6, { random }), activation),
        new nn.Linear(6, classes, { random }),
        ...tail,
      ),
      inputs: [randn([rows, 6], { random })],
      loss: loss(random),
      targets: [targets(random)],
    }),
  };
}

/** Every loss behind a model, its backward pass as a graph of its own. */
// biome-ignore format: a table, one loss per row
const lossCases: readonly GradientCase[] = [
  trained("leaky relu, l1", new nn.LeakyReLU(), [], () => new nn.L1Loss(), numbers),
  trained("elu, huber", new nn.ELU({ alpha: 0.5 }), [], () => new nn.HuberLoss({ delta: 0.5 }), numbers),
  trained("softplus, bce", new nn.Softplus({ beta: 2 }), [new nn.Sigmoid()], () => new nn.BCELoss(), shares),
  trained("softplus, bce with logits", new nn.Softplus(), [], () => new nn.BCEWithLogitsLoss(), answers),
  trained("elu, bce with logits and posWeight", new nn.ELU(), [], (random) => new nn.BCEWithLogitsLoss({ posWeight: weight(random), reduction: "sum" }), answers),
  trained("leaky relu, KL divergence", new nn.LeakyReLU(), [new nn.LogSoftmax()], () => new nn.KLDivLoss({ reduction: "batchmean" }), distributions),
  trained("leaky relu, KL divergence of logarithms", new nn.LeakyReLU(), [new nn.LogSoftmax()], () => new nn.KLDivLoss({ logTarget: true }), (random) => distributions(random).log()),
  trained("elu, log-softmax and nll", new nn.ELU(), [new nn.LogSoftmax()], () => new nn.NLLLoss(), labels),
  trained("elu, cross-entropy in three steps", new nn.ELU(), [], () => nn.decomposedCrossEntropy, labels),
];

// biome-ignore format: a table, one function per row
export const gradientCases: readonly GradientCase[] = [
  // Networks as one trains them.
  classifier("tanh MLP, cross-entropy", () => new nn.Tanh()),
  classifier("gelu MLP, cross-entropy", () => new nn.GELU()),
  classifier("gelu (tanh) MLP, cross-entropy", () => new nn.GELU({ approximate: "tanh" })),
  {
    name: "silu MLP, mean squared error",
    make: (random) => ({
      model: mlp(random, widths, () => new nn.SiLU()),
      inputs: [randn([16, 12], { random })],
      loss: nn.mse,
      targets: [randn([16, 10], { random })],
    }),
  },
  ...lossCases,
  // Parts of larger networks, each with several operations and shapes that broadcast.
  composite("attention softmax(q·kᵀ)·v", [[2, 5, 4], [2, 6, 4], [2, 6, 3]], attention),
  composite("logSumExp", [[4, 7]], (x) => x.mul(3).logSumExp(-1)),
  composite("layer norm by hand, gain and bias", [[6, 8], [8], [8]], (x, w, b) => normalized(x).mul(w).add(b)),
  composite("broadcast bias and outer sum", [[3, 1, 5], [4, 1], [5]], (a, b, c) => a.add(b).mul(c).add(b)),
  composite("division and square root", [[4, 5], [5]], (a, b) => a.div(b.square().add(1).sqrt())),
  composite("power of a power", [[4, 5], [5]], (a, b) => a.abs().add(0.5).pow(b.tanh()).pow(1.5)),
  composite("power with a tensor exponent that is 0", [[4, 5]], (a) => a.square().pow(a.mul(0).add(a.relu()))),
  composite("relu, where and clamp", [[6, 7], [6, 7]], (a, b) => a.gt(b).where(a.relu(), b.clamp(-0.5, 0.5)).mul(b)),
  composite("max along a dim, min of all", [[5, 6]], (x) => x.max(1).values.mul(x.min())),
  composite("maximum, minimum and abs", [[5, 6], [6]], (a, b) => a.maximum(b).sub(a.minimum(b).abs())),
  composite("cat, slices with steps, narrow", [[4, 9], [4, 5]],
    (a, b) => cat([a.slice(1, 1, 9, 3), b], 1).mul(cat([b.narrow(1, 1, 4), a.slice(1, 0, 8, 2)], 1))),
  composite("reshape, permute, expand, select", [[2, 3, 4], [1, 4]],
    (a, b) => a.permute(2, 0, 1).reshape(4, 6).add(b.expand(6, 4).t()).mul(a.select(0, 1).sum(0).unsqueeze(1))),
  composite("standardized rows: var, std, mean", [[6, 9]], (x) => x.sub(x.mean(1, { keepDim: true })).div(x.std(1, { keepDim: true }))),
  composite("logistic chain: exp, log1p, sigmoid", [[5, 5]], (x) => x.exp().log1p().mul(x.sigmoid()).add(x.expm1().mul(0.1))),
  composite("waves: sin, cos, rsqrt, reciprocal", [[5, 5]], (x) => x.sin().mul(x.cos()).mul(x.square().add(1).rsqrt()).add(x.square().add(2).reciprocal())),
  composite("erf and gelu both ways", [[5, 5]], (x) => x.erf().mul(x.gelu()).add(x.gelu({ approximate: "tanh" }))),
  composite("quadratic form xᵀ·A·x", [[6], [6, 6]], (x, a) => x.matmul(a).matmul(x)),
  composite("batched products that broadcast", [[3, 1, 2, 4], [5, 4, 3]], (a, b) => a.matmul(b)),
  composite("one tensor used five times", [[4, 4]], (x) => x.matmul(x.t()).mul(x).add(x.tanh().matmul(x))),
  // By index, in order: gradients are added where places repeat, and go back where elements came from.
  composite("rows picked, added and gathered", [[3, 4], below(3, [5]), [5, 4], below(4, [3, 6])],
    (x, rows, s, places) => x.indexSelect(0, rows).mul(s).sum(0).add(x.indexAdd(0, rows, s)).gather(1, places)),
  composite("numbers scattered, some to one place", [[3, 4], below(4, [3, 6]), [3, 6]], (x, places, s) => x.scatterAdd(1, places, s).sin()),
  composite("sorted, best three, where the largest is", [[4, 6]],
    (x) => cat([x.sort(1, { descending: true }).values, x.topk(3, 1, { largest: false }).values, x.gather(1, x.max(1, { keepDim: true }).indices)], 1).sin()),
  composite("products, with zeros too", [[4, 5]], (x) => x.prod(1).add(x.relu().prod(0).sum()).add(x.tanh().prod())),
  composite("running sums and norms", [[4, 5]], (x) => x.cumsum(1).div(x.norm(1, { keepDim: true })).add(x.norm(0, { p: 3 })).mul(x.norm())),
  composite("triangles and masks", [[5, 5]], (x) => x.tril().triu(-2).maskedFill(x.gt(1), -1).mul(x)),
  composite("causal attention: a mask of −∞", [[2, 5, 4], [2, 5, 4], [2, 5, 3]], (q, k, v) => {
    const future = ones([5, 5]).triu(1).eq(1);
    return nn.softmax(q.matmul(k.transpose(-2, -1)).mul(0.5).maskedFill(future, -Infinity)).matmul(v);
  }),
  composite("einsum: batches, sums and a diagonal", [[2, 3, 4], [2, 5, 4], [3, 3]],
    (a, b, c) => einsum("bij,bkj->ik", a, b).add(einsum("ii->i", c).unsqueeze(1))),
  composite("flip, repeat, split and stack", [[4, 6]], (x) => stack(x.flip([0, 1]).mul(x).split(3, 1)).repeat(1, 2, 1).sin()),
  composite("padding in every mode", [[3, 5]],
    (x) => cat([x.pad([1, 2]), x.pad([2, 1], { mode: "reflect" }), x.pad([1, 2], { mode: "replicate" }), x.pad([2, 1], { mode: "circular" })]).sin()),
  composite("extremes of several dims, shared by those that tie", [[2, 3, 4]],
    (x) => x.amax([0, 2]).sum().mul(x.amin(1)).add(x.mul(0).amax(1))),
  composite("conditions of conditions", [[4, 5]],
    (x) => x.gt(0).logicalOr(x.lt(-1)).logicalAnd(x.gt(2).any(1, { keepDim: true }).logicalNot()).where(x.sin(), x.cos())),
  // Parts of language models: rows of a table that repeat, positions, heads.
  // The padding row is not asked for: its gradient is 0 by convention, and differences would disagree.
  part("embedding with a padding row, learned positions", below(4, [2, 6]), (random) =>
    new nn.Sequential(new nn.Embedding(5, 8, { paddingIdx: 4, random }), new nn.PositionalEncoding(6, 8, { learned: true, random }))),
  composite("rotations: queries that are turned", [[2, 3, 5, 4]], (x) => new nn.RotaryEmbedding(4).forward(x, { offset: 2 }).sin()),
  composite("attention as one kernel, causal, shared keys", [[2, 4, 5, 4], [2, 2, 5, 4], [2, 2, 5, 3]],
    (q, k, v) => nn.scaledDotProductAttention(q, k, v, { causal: true })),
  composite("attention as one kernel, a row that sees nothing", [[2, 3, 4], [2, 5, 4], [2, 5, 3]], (q, k, v) =>
    nn.scaledDotProductAttention(q, k, v, { mask: ones([3, 5]).triu(3).eq(1) })),
  part("attention in heads: rotary, QK-norm, shared keys", [2, 5, 8], (random) =>
    new nn.MultiHeadAttention(8, 4, { numKvHeads: 2, qkNorm: true, rotary: new nn.RotaryEmbedding(2), random })),
  // Without biases: softmax takes no notice of the keys', and their gradient is what rounding leaves. ONNX keeps a norm's
  // epsilon in float32: a power of two is the same there.
  part("transformer block of a decoder", [2, 5, 8], (random) =>
    new nn.TransformerBlock(8, 2, { mlpRatio: 2, bias: false, normEps: 2 ** -16, random })),
  part("transformer block of an encoder, norms behind", [2, 5, 8], (random) =>
    new nn.TransformerBlock(8, 2, { mlpRatio: 2, bias: false, normEps: 2 ** -16, causal: false, activation: "relu", normFirst: false, random })),
  // Gradients inside the function: the exported graph then holds derivatives of derivatives.
  composite("gradient penalty: a gradient of a gradient", [[4, 3], [3, 5], [5]], (x, w, v) => {
    const y = x.matmul(w).tanh().matmul(v);
    const [slope] = grad(y.sum(), [x], { createGraph: true });
    return slope.square().sum(1).sub(1).square().add(y);
  }),
  composite("product with a Hessian, gelu and logSumExp", [[3, 6], [3, 6]], (x, v) => {
    const [slope] = grad(x.gelu().logSumExp(1).sum(), [x], { createGraph: true });
    const [product] = grad(slope.mul(v).sum(), [x], { createGraph: true });
    return product;
  }),
];
