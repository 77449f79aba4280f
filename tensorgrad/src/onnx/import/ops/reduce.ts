import { isTensor, type Tensor } from "../../../01-tensor/index.ts";
import { int, ints } from "../attributes.ts";
import { fold } from "../host/reduce.ts";
import { type Family, op } from "../operator.ts";
import { alikeTensors, arrayIn, dimIn, floatOf, isFloating, someInts, type Value } from "../values.ts";

interface Reduction {
  readonly tensor: (x: Tensor, dims: number[], keep: { keepDim: boolean }) => Tensor;
  /** On the host, for whole numbers; those without one become floats. */
  readonly step?: (sum: number, value: number) => number;
  readonly first?: number;
}

function reduced(
  value: Value,
  axes: readonly number[] | undefined,
  keepdims: number,
  noop: number,
  rule: Reduction,
): Value {
  const x = arrayIn(value);
  const rank = x.shape.length;
  if (noop && !axes?.length) return value;
  const dims = axes?.length ? axes.map((axis) => dimIn(axis, rank)) : x.shape.map((_, d) => d);
  const keepDim = keepdims === 1;
  if (!isTensor(x) && !isFloating(x.dtype) && rule.step) return fold(x, dims, keepDim, rule.step, rule.first);
  const t = rule.step && isTensor(x) ? x : floatOf(x);
  return dims.length === 0
    ? rule.tensor(t.unsqueeze(0), [0], { keepDim: false })
    : rule.tensor(t, dims, { keepDim });
}

/** Axes are an attribute at first, an input from some opset on. */
const reduction = (since: number, rule: Reduction) => [
  op(1, "data", { axes: ints(), keepdims: int(1) }, ([x], { axes, keepdims }) =>
    reduced(x, axes, keepdims, 0, rule),
  ),
  op(since, "data axes?", { keepdims: int(1), noop_with_empty_axes: int(0) }, ([x, axes], a) =>
    reduced(x, someInts(axes), a.keepdims, a.noop_with_empty_axes, rule),
  ),
];

/** The position of the largest or smallest element; the last of equals where asked for. */
function best(value: Value, axis: number, keepdims: number, last: number, kind: "argmax" | "argmin"): Value {
  const [x] = alikeTensors([value]);
  const dim = dimIn(axis, x.rank);
  const keep = { keepDim: keepdims === 1 };
  if (!last) return x[kind](dim, keep);
  const turned = x.flip(dim)[kind](dim, keep);
  return turned.neg().add(x.shape[dim] - 1);
}

const arg = (kind: "argmax" | "argmin") => [
  op(1, "data", { axis: int(0), keepdims: int(1), select_last_index: int(0) }, ([x], a) =>
    best(x, a.axis, a.keepdims, a.select_last_index, kind),
  ),
];

/** The mean of whole numbers is a whole number in ONNX. */
const mean: Reduction = { tensor: (x, dims, keep) => x.mean(dims, keep) };

/** Reductions over dims. */
export const reductions: Family = {
  ReduceSum: reduction(13, { tensor: (x, d, k) => x.sum(d, k), step: (s, v) => s + v, first: 0 }),
  ReduceMean: reduction(18, mean),
  ReduceMax: reduction(18, { tensor: (x, d, k) => x.amax(d, k), step: (s, v) => (v > s ? v : s) }),
  ReduceMin: reduction(18, { tensor: (x, d, k) => x.amin(d, k), step: (s, v) => (v < s ? v : s) }),
  ReduceProd: reduction(18, { tensor: (x, d, k) => x.prod(d, k), step: (s, v) => s * v, first: 1 }),
  ReduceL1: reduction(18, { tensor: (x, d, k) => x.abs().sum(d, k) }),
  ReduceL2: reduction(18, { tensor: (x, d, k) => x.norm(d, k) }),
  ReduceSumSquare: reduction(18, { tensor: (x, d, k) => x.square().sum(d, k) }),
  ReduceLogSum: reduction(18, { tensor: (x, d, k) => x.sum(d, k).log() }),
  ReduceLogSumExp: reduction(18, { tensor: (x, d, k) => x.logSumExp(d, k) }),
  ArgMax: arg("argmax"),
  ArgMin: arg("argmin"),
};
