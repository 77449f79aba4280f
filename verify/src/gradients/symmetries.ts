import { cat, fromArray, full, type Random, type Tensor } from "tensorgrad";
import { added, apart, close, equal, largest } from "./closeness.ts";
import { type Example, gradients, plainGradients, randomDirection, type Symmetry } from "./evaluate.ts";
import type { Law } from "./laws.ts";

/** Laws about functions that look at elements, rows or views of their inputs in the same way wherever these lie. */

/** f(P·x) = P·f(x), and then Jᵀ(P·x)·(P·v) = P·Jᵀ(x)·v: reordered inputs give reordered results and gradients. */
export const permutationEquivariant: Law = (example, v, random) => {
  const { inputs, run } = example;
  const y = run(...inputs);
  const chosen = drawSymmetry(example, y, random);
  if (chosen === null) return null;
  const { symmetry, order } = chosen;
  const along = (x: Tensor, dim: number | null) =>
    dim === null ? Array.from(x.data) : reordered(x.data, x.shape, dim, order);
  // Packed copies: how they lie in memory is the business of another law.
  const moved = inputs.map((x, k) => fromArray(along(x, symmetry.inputs[k]), x.shape, { dtype: x.dtype }));
  const due = along(y, symmetry.output);
  // Element by element not a bit may change; sums in another order round otherwise.
  const same = example.symmetries === "elementwise" ? equal : close;
  const what = `reordered by [${order}] along ${say(symmetry.inputs)}`;
  if (!same(run(...moved).data, due, largest(due)))
    return `inputs ${what} do not give the result reordered along ${say([symmetry.output])}`;
  const w = symmetry.output === null ? v : Float64Array.from(reordered(v, y.shape, symmetry.output, order));
  const [once, after] = [plainGradients(example, v), gradients({ ...example, inputs: moved }, w)];
  const wrong = inputs.findIndex((x, k) => {
    const dim = symmetry.inputs[k];
    if (!x.isFloat) return false;
    const expected = dim === null ? once[k] : reordered(once[k], x.shape, dim, order);
    return !close(after[k], expected, largest(once[k]));
  });
  return wrong < 0 ? null : `inputs ${what} do not give the gradient of input ${wrong} reordered`;
};

/** An input repeated along a new dim repeats the result, and its gradient is the sum of those of both copies. */
export const broadcastEquivariant: Law = (example, v, random) => {
  if (example.symmetries !== "elementwise") return null;
  const { inputs, run } = example;
  const k = random.integer(inputs.length);
  const y = run(...inputs);
  const { rank, shape } = inputs[k];
  const twice = [2, ...Array.from({ length: y.rank - rank }, () => 1), ...shape];
  // The view is inside the function, so the gradient has to come back through it, summed.
  const repeated = (...x: Tensor[]) => run(...x.with(k, x[k].expand(twice)));
  const result = repeated(...inputs);
  const due = [...y.data, ...y.data];
  if (String(result.shape) !== String([2, ...y.shape]) || !equal(result.data, due))
    return `input ${k} repeated along a new dim does not repeat the result`;
  const w = randomDirection(v.length, random);
  const [first, second] = [plainGradients(example, v), gradients(example, w)];
  const both = gradients({ inputs, run: repeated }, Float64Array.of(...v, ...w));
  const say = (of: number) =>
    `input ${k} repeated along a new dim does not give input ${of} the sum of both gradients`;
  return apart(both, added(first, second), say, first, second);
};

/** The gradient under a view is the view of the gradient, and nothing reaches what the view leaves out. */
export const viewed: Law = (example, v, random) => {
  const k = random.integer(example.inputs.length);
  const x = example.inputs[k];
  if (!x.isFloat) return null;
  // Stored with its dims reversed, between rows of NaN that the view hides.
  const turned = [...x.shape.keys()].reverse();
  const stored = [x.rank === 0 ? 1 : x.shape[x.rank - 1], ...x.shape.slice(0, -1).reverse()];
  const margin = full([1, ...stored.slice(1)], Number.NaN, { dtype: x.dtype });
  const elements = fromArray(x.permute(turned).data, stored, { dtype: x.dtype });
  // NaN in the margins: who reads or writes beyond the view is found out.
  const base = cat([margin, elements, margin], 0).detach();
  const view = (whole: Tensor) => {
    const inner = whole.narrow(0, 1, stored[0]);
    return x.rank === 0 ? inner.squeeze(0) : inner.permute(turned);
  };
  const direct = plainGradients(example, v);
  const inputs = example.inputs.with(k, base);
  const under = gradients({ inputs, run: (...all) => example.run(...all.with(k, view(all[k]))) }, v);
  const got = fromArray(under[k], base.shape, { dtype: "float64" });
  const hidden = [...got.select(0, 0).data, ...got.select(0, stored[0] + 1).data];
  if (hidden.some((n) => n !== 0)) return `a gradient reaches elements that a view of input ${k} leaves out`;
  return close(view(got).data, direct[k], largest(direct[k]))
    ? null
    : `under a view of input ${k} its gradient is not the view of the gradient`;
};

/** A symmetry, and the order in which elements along its dims are taken. */
interface Drawn {
  readonly symmetry: Symmetry;
  readonly order: readonly number[];
}

/** One of the example's symmetries and an order other than the given one; null where there is nothing to reorder. */
function drawSymmetry({ inputs, symmetries = [] }: Example, y: Tensor, random: Random): Drawn | null {
  const all = symmetries === "elementwise" ? elementwise(inputs, y) : symmetries;
  const sized = all.flatMap((symmetry) => {
    const k = symmetry.inputs.findIndex((dim) => dim !== null);
    const size = k < 0 ? 0 : (inputs[k].shape.at(symmetry.inputs[k] as number) ?? 0);
    return size < 2 ? [] : [{ symmetry, size }];
  });
  if (sized.length === 0) return null;
  const { symmetry, size } = sized[random.integer(sized.length)];
  const order = [...random.permutation(size)];
  // A step round is never the order that was there.
  return { symmetry, order: order.every((n, i) => n === i) ? [...order.slice(1), order[0]] : order };
}

/** Element by element, every dim of the result can be reordered with the operands that have it. */
const elementwise = (inputs: readonly Tensor[], y: Tensor): Symmetry[] =>
  y.shape.map((_, d) => ({
    inputs: inputs.map((x) => {
      const own = d - (y.rank - x.rank);
      return own >= 0 && x.shape[own] > 1 ? own : null;
    }),
    output: d,
  }));

/** Row-major elements with position i along a dim taken from `order[i]`. */
function reordered(
  data: ArrayLike<number>,
  shape: readonly number[],
  dim: number,
  order: readonly number[],
): number[] {
  const at = dim < 0 ? dim + shape.length : dim;
  const inner = shape.slice(at + 1).reduce((a, b) => a * b, 1);
  const block = shape[at] * inner;
  return Array.from({ length: data.length }, (_, i) => {
    const [outer, rest] = [Math.floor(i / block), i % block];
    return data[outer * block + order[Math.floor(rest / inner)] * inner + (rest % inner)];
  });
}

/** `dim 0, –`: one entry for each input. */
const say = (dims: readonly (number | null)[]): string =>
  dims.every((dim) => dim === null) ? "no dim" : `dim ${dims.map((dim) => dim ?? "–").join(", ")}`;
