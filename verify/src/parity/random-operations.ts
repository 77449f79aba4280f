import { cat, stack, type Tensor } from "tensorgrad";
import { logSoftmax, softmax } from "tensorgrad/nn";
import { broadcast, sizeOf } from "../table/inputs/shapes.ts";

type Shape = readonly number[];

/**
 * One operation of a random model. Functions that grow are damped (`mul tanh`), those with poles are kept away from
 * them: what a model computes stays near 1, and so the rounding of every step does, too.
 */
export interface RandomOperation {
  readonly name: string;
  readonly operands: 1 | 2;
  /** Whether it takes tensors of these shapes. */
  readonly takes: (a: Shape, b: Shape) => boolean;
  /** `k` chooses among dims, positions and other settings. */
  readonly run: (a: Tensor, b: Tensor, k: number) => Tensor;
  /** Bends or jumps: its gradient may differ where two engines round to different sides. */
  readonly kinked?: true;
}

/** Larger results are not asked for: a model is to be small enough to be read when it fails. */
const mostElements = 400;

const ranked = (a: Shape) => a.length > 0;
const always = () => true;

/** Whether NumPy's rules unite both shapes into something that is not too large. */
function broadcasts(a: Shape, b: Shape): boolean {
  const united = broadcast([a, b]);
  const fits = (shape: Shape) =>
    shape.every((n, i) => n === 1 || n === united[united.length - shape.length + i]);
  return fits(a) && fits(b) && united.length <= 4 && sizeOf(united) <= mostElements;
}

/** [..., M, K]·[..., K, N]; a single dim is a row on the left, a column on the right. */
const multiplies = (a: Shape, b: Shape): boolean =>
  a.length > 0 &&
  b.length > 0 &&
  a.at(-1) === (b.length === 1 ? b[0] : b.at(-2)) &&
  broadcasts(a.slice(0, -2), b.slice(0, -2)) &&
  (sizeOf(a) * sizeOf(b)) / (a.at(-1) ?? 1) <= 4 * mostElements;

/** What cat takes along dim 0. */
const sameRest = (a: Shape, b: Shape): boolean =>
  a.length > 0 &&
  a.length === b.length &&
  a.slice(1).every((n, i) => n === b[i + 1]) &&
  sizeOf(a) <= mostElements / 2;
/** What stack takes. */
const same = (a: Shape, b: Shape): boolean =>
  a.length < 4 && a.length === b.length && a.every((n, i) => n === b[i]);

type Extra = Pick<RandomOperation, "kinked">;
const kinked: Extra = { kinked: true };

const made =
  (operands: 1 | 2, takes: RandomOperation["takes"]) =>
  (name: string, run: RandomOperation["run"], extra: Extra = {}): RandomOperation => ({
    name,
    operands,
    takes,
    run,
    ...extra,
  });

/** Element by element, or over all elements: any shape will do. */
const map = made(1, always);
/** Two operands that broadcast. */
const zip = made(2, broadcasts);

/** An operation along one dim, which `k` chooses; what is left of `k` chooses the rest. */
const along = (
  name: string,
  run: (x: Tensor, dim: number, k: number) => Tensor,
  extra: Extra & { readonly takes?: (a: Shape) => boolean } = {},
): RandomOperation => ({
  name,
  operands: 1,
  takes: ranked,
  run: (x, _, k) => run(x, k % x.rank, Math.floor(k / x.rank)),
  ...extra,
});

/** One bit of what `k` has left decides whether a reduced dim stays. */
const keep = (k: number) => ({ keepDim: k % 2 === 1 });
/** Matrices, or batches of them. */
const plane = { takes: (a: Shape) => a.length >= 2 };

// biome-ignore format: a table, one operation per row
export const randomOperations: readonly RandomOperation[] = [
  // Two operands. Divisors and bases are kept positive: poles would drown every other difference.
  zip("add", (a, b) => a.add(b)),
  zip("sub", (a, b) => a.sub(b)),
  zip("mul tanh", (a, b) => a.mul(b.tanh())),
  zip("div 1 + square", (a, b) => a.div(b.square().add(1))),
  // Damped first: the error of ONNX Runtime's sigmoid is absolute, and a negative power of a small number makes it large.
  zip("tanh sigmoid pow tanh", (a, b) => a.tanh().sigmoid().pow(b.tanh())),
  zip("maximum", (a, b) => a.maximum(b), kinked),
  zip("minimum", (a, b) => a.minimum(b), kinked),
  zip("where a > b", (a, b) => a.gt(b).where(a, b), kinked),
  zip("where a > 0", (a, b) => a.gt(0).where(a.tanh(), a.sin()).add(b), kinked),
  zip("where b ≤ 0", (a, b) => b.le(0).where(b.neg(), 0).add(a), kinked),
  // Element by element, damped where they grow.
  map("neg", (x) => x.neg()),
  map("abs", (x) => x.abs(), kinked),
  map("relu", (x) => x.relu(), kinked),
  map("clamp", (x) => x.clamp(-0.75, 0.5), kinked),
  map("square of tanh", (x) => x.tanh().square()),
  map("exp of tanh", (x) => x.tanh().exp()),
  map("expm1 of tanh", (x) => x.tanh().expm1()),
  map("log1p of square", (x) => x.square().log1p()),
  map("log of 1 + sigmoid", (x) => x.sigmoid().add(1).log()),
  map("sqrt of 1 + square", (x) => x.square().add(1).sqrt()),
  map("rsqrt of 1 + square", (x) => x.square().add(1).rsqrt()),
  map("reciprocal of 1 + square", (x) => x.square().add(1).reciprocal()),
  map("sin", (x) => x.tanh().mul(3).sin()),
  map("cos", (x) => x.tanh().mul(3).cos()),
  map("tanh", (x) => x.tanh()),
  map("sigmoid", (x) => x.sigmoid()),
  map("erf", (x) => x.erf()),
  map("gelu", (x) => x.gelu()),
  map("gelu (tanh)", (x) => x.gelu({ approximate: "tanh" })),
  map("silu", (x) => x.silu()),
  map("mean of all", (x) => x.mean()),
  map("max of all", (x) => x.max(), kinked),
  map("flatten", (x) => x.flatten()),
  map("reverse of dims", (x) => x.permute(x.shape.map((_, i) => x.rank - 1 - i))),
  map("clone", (x) => x.clone()),
  // Along a dim: sums are scaled, so that depth does not let numbers grow.
  along("mean", (x, dim, k) => x.mean(dim, keep(k))),
  along("sum, scaled", (x, dim, k) => x.sum(dim, keep(k)).mul(0.25)),
  along("var", (x, dim, k) => x.var(dim, { correction: 0, ...keep(k) })),
  along("logSumExp", (x, dim, k) => x.logSumExp(dim, keep(k))),
  along("amax", (x, dim, k) => x.amax(dim, keep(k)), kinked),
  along("max", (x, dim, k) => x.max(dim, keep(k)).values, kinked),
  along("min", (x, dim, k) => x.min(dim, keep(k)).values, kinked),
  along("sorted", (x, dim, k) => x.sort(dim, { descending: k % 2 === 1 }).values, kinked),
  along("topk", (x, dim, k) => x.topk(1 + (k % x.shape[dim]), dim).values, kinked),
  along("prod of tanh", (x, dim, k) => x.tanh().prod(dim, keep(k))),
  along("norm", (x, dim, k) => x.tanh().add(2).norm(dim, keep(k))),
  along("cumsum, scaled", (x, dim) => x.cumsum(dim).mul(0.25)),
  along("softmax", (x, dim) => softmax(x, dim)),
  along("logSoftmax", (x, dim) => logSoftmax(x, dim)),
  // Moves, which no engine may round.
  along("transpose", (x, dim, k) => x.transpose(dim, k % x.rank)),
  along("flip", (x, dim) => x.flip(dim)),
  along("select", (x, dim, k) => x.select(dim, k % x.shape[dim])),
  along("slice", (x, dim, k) => x.slice(dim, k % x.shape[dim], undefined, 1 + (k % 3))),
  along("pad", (x, dim, k) => x.pad(x.shape.flatMap((_, i) => (x.rank - 1 - i === dim ? [k % 3, 1] : [0, 0]))).mul(1), { takes: (a) => a.length > 0 && sizeOf(a) <= mostElements / 4 }),
  along("unsqueeze", (x, dim) => x.unsqueeze(dim), { takes: (a) => a.length > 0 && a.length < 4 }),
  along("tril", (x, _, k) => x.tril((k % 3) - 1), plane),
  along("triu", (x, _, k) => x.triu((k % 3) - 1), plane),
  along("rows times themselves", (x) => x.matmul(x.transpose(-2, -1)).mul(0.25), { takes: (a) => a.length >= 2 && sizeOf(a) * (a.at(-2) ?? 1) <= 4 * mostElements }),
  { name: "matmul, scaled", operands: 2, takes: multiplies, run: (a, b) => a.matmul(b).mul(0.25) },
  { name: "cat", operands: 2, takes: sameRest, run: (a, b) => cat([a, b, a], 0) },
  { name: "stack", operands: 2, takes: same, run: (a, b, k) => stack([a, b], k % (a.rank + 1)) },
];
