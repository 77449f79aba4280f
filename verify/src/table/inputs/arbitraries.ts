import fc from "fast-check";
import { fromArray, full, type Tensor } from "tensorgrad";
import { checked } from "tensorgrad/runtime";
import { anywhere, type Domain, distinct } from "./domains.ts";
import { broadcastableShapes, type ShapeLimits, shapes, sizeOf } from "./shapes.ts";

/** Arbitraries of tensors, for this package's own table and for anybody's Vitest file. */

export interface TensorsOptions {
  /** A fixed shape, or an arbitrary of shapes. */
  readonly shape?: readonly number[] | fc.Arbitrary<readonly number[]>;
  readonly domain?: Domain;
  /** "any" (default) also draws views that lie permuted, with gaps or repeated in memory. */
  readonly layout?: "any" | "contiguous";
}

/** How a tensor's elements lie in memory. The numbers choose among the possibilities that its shape allows. */
export interface LayoutDraw {
  readonly kind: "contiguous" | "permuted" | "sliced" | "expanded";
  readonly choice: number;
}

/**
 * Tensors of a shape, with numbers from a domain: float64 leaves (int32 and bool for the domains of indices and bits).
 *
 * ```ts
 * checkGradients((x, w) => x.matmul(w), [tensors({ shape: [3, 4] }), tensors({ shape: [4, 2] })]);
 * ```
 */
export function tensors(options: TensorsOptions = {}): fc.Arbitrary<Tensor> {
  const {
    shape = shapes(),
    domain = anywhere,
    layout = "any",
  } = checked("tensors", options, ["shape", "domain", "layout"]);
  const sizes = shape instanceof fc.Arbitrary ? shape : fc.constant(shape);
  return sizes.chain((s) => tensorsOfShape(s, domain, layout));
}

/** Tensors of shapes that broadcast together, one domain each; both sides stretch often. */
export function broadcastable(domains: readonly Domain[], limits: ShapeLimits = {}): fc.Arbitrary<Tensor[]> {
  return broadcastableShapes(domains.length, limits).chain((all) =>
    fc.tuple(...all.map((shape, i) => tensorsOfShape(shape, domains[i], "any"))),
  );
}

export const layouts: fc.Arbitrary<LayoutDraw> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constant("contiguous" as const) },
    { weight: 2, arbitrary: fc.constant("permuted" as const) },
    { weight: 2, arbitrary: fc.constant("sliced" as const) },
    { weight: 1, arbitrary: fc.constant("expanded" as const) },
  ),
  choice: fc.nat(23),
});

/** A leaf with these elements (row-major) in this layout. Memory that does not belong to it holds NaN. */
export function layOut(
  values: readonly number[],
  shape: readonly number[],
  domain: Domain,
  draw: LayoutDraw,
): Tensor {
  // A repeated element would break what `distinct` promises.
  const kind = draw.kind === "expanded" && domain === distinct ? "contiguous" : draw.kind;
  const view = { contiguous, permuted, sliced, expanded }[kind](shape, domain, draw.choice).detach();
  write(view, values);
  return view;
}

function tensorsOfShape(
  shape: readonly number[],
  domain: Domain,
  layout: "any" | "contiguous",
): fc.Arbitrary<Tensor> {
  const values = domain.values(sizeOf(shape));
  const draws = layout === "any" ? layouts : fc.constant({ kind: "contiguous", choice: 0 } as const);
  return fc.tuple(values, draws).map(([list, draw]) => layOut(list, shape, domain, draw));
}

type View = (shape: readonly number[], domain: Domain, choice: number) => Tensor;

const blank = (shape: readonly number[], { dtype }: Domain) =>
  full(shape, dtype === "float64" ? Number.NaN : 1, { dtype });

const contiguous: View = (shape, domain) => blank(shape, domain);

const permuted: View = (shape, domain, choice) => {
  const order = shape.map((_, i) => i);
  // The choice-th permutation, by its factorial digits.
  for (let i = order.length - 1, left = choice; i > 0; left = Math.floor(left / (i + 1)), i--) {
    const j = left % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const stored = order.map((_, place) => shape[order.indexOf(place)]);
  return blank(stored, domain).permute(order);
};

const sliced: View = (shape, domain, choice) => {
  if (shape.length === 0) return blank([3], domain).select(0, choice % 3);
  const [dim, step, start] = [choice % shape.length, 1 + (choice % 2), choice % 3];
  const stored = [...shape];
  stored[dim] = start + shape[dim] * step + 1;
  return blank(stored, domain).slice(dim, start, start + shape[dim] * step, step);
};

const expanded: View = (shape, domain, choice) =>
  blank(
    shape.map((size, i) => ((choice >> i) & 1 ? 1 : size)),
    domain,
  ).expand(shape);

/** Puts row-major values where the strides say; of elements that share a place the last one stays. */
function write(view: Tensor, values: readonly number[]): void {
  const { view: memory } = view.storage;
  values.forEach((value, i) => {
    let place = view.offset;
    let rest = i;
    for (let dim = view.rank - 1; dim >= 0; dim--) {
      place += (rest % view.shape[dim]) * view.strides[dim];
      rest = Math.floor(rest / view.shape[dim]);
    }
    memory[place] = value;
  });
}

/** A contiguous tensor with these elements. */
export function packed(values: ArrayLike<number>, like: Tensor): Tensor {
  return fromArray(values, like.shape, { dtype: like.dtype });
}
