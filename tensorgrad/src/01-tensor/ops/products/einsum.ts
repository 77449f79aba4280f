import { expectArgument } from "../../../00-runtime/index.ts";
import { isTensor } from "../../operands.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { readEquation } from "./einsum-equation.ts";

/** A tensor with a label for each of its dims. */
interface Term {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/**
 * Products of tensors summed over the dims that the result does not name.
 *
 *   einsum("bij,bjk->bik", a, b)      a batch of matrix products
 *   einsum("ii", a)                   the trace
 *   einsum("...i,i->...", a, b)       "..." stands for any other dims, which broadcast
 *
 * Two operands at a time become one matrix product: dims that both have and the result keeps are its batch, dims that
 * are summed its inner dim. Nothing larger than operands and results is built. With three operands or more, the pair with
 * the smallest product comes first. Sums, permutations and products have gradients, so this has one.
 *
 * Throws    ShapeError for subscripts that are unknown, unbalanced, or of different sizes
 * Source    Einstein's summation; PyTorch's torch.einsum
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  expectArgument(
    typeof equation === "string",
    "einsum",
    "equation",
    equation,
    'a string, such as "ij,jk->ik"',
  );
  const stranger = operands.findIndex((x) => !isTensor(x));
  if (stranger >= 0)
    throw new TypeError(
      `einsum: operand ${stranger} is of type ${typeof operands[stranger]} — operands are tensors, one after the other`,
    );
  const { inputs, output, sizes } = readEquation(
    equation,
    operands.map((x) => x.shape),
  );
  let terms = operands.map((x, k) => stretched(diagonals({ x, labels: inputs[k] }), sizes));
  while (terms.length > 1) {
    const [i, j] = cheapest(terms, output, sizes);
    const rest = terms.filter((_, k) => k !== i && k !== j);
    const keep = new Set([...output, ...rest.flatMap(({ labels }) => labels)]);
    terms = [contract(terms[i], terms[j], keep, sizes), ...rest];
  }
  return arranged(summed(terms[0], new Set(output)), output);
}

/** A label that stands twice picks the diagonal: both dims as one, in steps of n + 1. */
function diagonals({ x, labels }: Term): Term {
  const second = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (second < 0) return { x, labels };
  const first = labels.indexOf(labels[second]);
  const n = x.shape[first];
  const others = [...labels.keys()].filter((d) => d !== first && d !== second);
  const flat = x.permute(first, second, ...others).reshape([n * n, ...others.map((d) => x.shape[d])]);
  return diagonals({
    x: flat.slice(0, 0, n * n, n + 1), // [n, others...]
    labels: [labels[first], ...others.map((d) => labels[d])],
  });
}

/** Dims of size 1 repeated (without a copy) to what the label means elsewhere. */
function stretched({ x, labels }: Term, sizes: ReadonlyMap<string, number>): Term {
  const shape = sizesOf(labels, sizes);
  return { x: shape.every((n, d) => n === x.shape[d]) ? x : x.expand(shape), labels };
}

const sizesOf = (labels: readonly string[], sizes: ReadonlyMap<string, number>): number[] =>
  labels.map((label) => sizes.get(label) as number);

/** The two terms whose product is the smallest. */
function cheapest(
  terms: readonly Term[],
  output: readonly string[],
  sizes: ReadonlyMap<string, number>,
): readonly [number, number] {
  let best = { pair: [0, 1] as readonly [number, number], size: Infinity };
  for (let i = 0; i < terms.length; i++) {
    for (let j = i + 1; j < terms.length; j++) {
      const keep = new Set([
        ...output,
        ...terms.flatMap(({ labels }, k) => (k === i || k === j ? [] : labels)),
      ]);
      const kept = [...new Set([...terms[i].labels, ...terms[j].labels])].filter((label) => keep.has(label));
      const size = sizeOf(sizesOf(kept, sizes));
      if (size < best.size) best = { pair: [i, j], size };
    }
  }
  return best.pair;
}

/** a · b, summed over every label that is not to be kept. */
function contract(a: Term, b: Term, keep: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Term {
  const left = summed(a, new Set([...keep, ...b.labels])); // what only one side has is summed before
  const right = summed(b, new Set([...keep, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => keep.has(label));
  const inner = shared.filter((label) => !keep.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const cols = right.labels.filter((label) => !shared.includes(label));
  const [B, R, C] = [batch, rows, cols].map((labels) => sizesOf(labels, sizes));
  const [x, y] = [
    arranged(left, [...batch, ...rows, ...inner]),
    arranged(right, [...batch, ...inner, ...cols]),
  ];
  const labels = [...batch, ...rows, ...cols];
  if (inner.length === 0)
    return {
      x: x.reshape([...B, ...R, ...C.map(() => 1)]).mul(y.reshape([...B, ...R.map(() => 1), ...C])),
      labels,
    };
  const k = sizeOf(sizesOf(inner, sizes));
  const product = x.reshape([...B, sizeOf(R), k]).matmul(y.reshape([...B, k, sizeOf(C)])); // [batch..., rows, cols]
  return { x: product.reshape([...B, ...R, ...C]), labels };
}

function summed({ x, labels }: Term, keep: ReadonlySet<string>): Term {
  const dims = labels.flatMap((label, d) => (keep.has(label) ? [] : [d]));
  if (dims.length === 0) return { x, labels };
  return { x: x.sum(dims), labels: labels.filter((label) => keep.has(label)) };
}

function arranged({ x, labels }: Term, order: readonly string[]): Tensor {
  const dims: Shape = order.map((label) => labels.indexOf(label));
  return dims.every((d, i) => d === i) ? x : x.permute(dims);
}
