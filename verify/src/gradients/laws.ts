import { fromArray, GradientError, type Random, type Tensor } from "tensorgrad";
import { added, apart, broken, close, doubled, equal, largest, ROUNDING, unequal } from "./closeness.ts";
import {
  backward,
  type Example,
  gradients,
  gradientsOf,
  inner,
  leaves,
  magnitude,
  plainGradients,
  randomDirection,
} from "./evaluate.ts";
import { broadcastEquivariant, permutationEquivariant, viewed } from "./symmetries.ts";

/**
 * Laws that need no finite differences, because they hold exactly or up to the rounding of a few operations. Each
 * returns null, or what is wrong in words. They find what differences cannot: an output of the wrong dtype, a gradient
 * written over instead of added, an input changed on the way.
 */
export type Law = (example: Example, v: Float64Array, random: Random) => string | null;

/** Every gradient has the shape and dtype of its input and holds no NaN. */
const shapesAndTypes: Law = ({ inputs, run }, v) => {
  const x = leaves(inputs);
  if (!backward(run(...x), v)) return null;
  for (const [k, leaf] of x.entries()) {
    const g = leaf.grad;
    if (g === null) continue;
    const [given, due] = [`${g.dtype} [${g.shape}]`, `${leaf.dtype} [${leaf.shape}]`];
    if (given !== due) return `gradient of input ${k} is ${given}, its input ${due}`;
    if (!g.data.every(Number.isFinite))
      return `gradient of input ${k} holds ${g.data.find((n) => !Number.isFinite(n))}`;
  }
  return null;
};

/** Neither forward nor backward writes to the inputs or to the gradient that comes in. */
const inputsUnchanged: Law = ({ inputs, run }, v) => {
  const before = inputs.map((x) => Array.from(x.data));
  const x = leaves(inputs);
  const y = run(...x);
  const g = fromArray(v, y.shape, { dtype: "float64" }).to(y.isFloat ? y.dtype : "float64");
  if (y.requiresGrad) y.backward(g);
  const changed = inputs.findIndex((input, k) => !equal(input.data, before[k]));
  if (changed >= 0) return `input ${changed} was changed`;
  return equal(g.data, v) ? null : "the gradient that came in was changed";
};

/** The same bits on a second run. */
const deterministic: Law = (example, v) => {
  const [y1, y2] = [example.run(...example.inputs), example.run(...example.inputs)];
  if (!equal(y1.data, y2.data)) return "a second run gives another result";
  return unequal(
    gradients(example, v),
    plainGradients(example, v),
    () => "a second run gives another gradient",
  );
};

/** No gradient comes out of a zero gradient. */
const zeroInZeroOut: Law = (example, v) => {
  const out = gradients(example, new Float64Array(v.length));
  const isZero = (g: Float64Array) => g.every((n) => n === 0);
  return broken(out, isZero, (k) => `a zero gradient comes out of input ${k} as something else`);
};

/**
 * Doubling is exact in binary: Jᵀ(2v) = 2·Jᵀv to the last bit. A rule that clips, squares or adds a constant
 * breaks it.
 */
const homogeneous: Law = (example, v) => {
  const [twice, due] = [gradients(example, doubled([v])[0]), doubled(plainGradients(example, v))];
  return unequal(twice, due, (k) => `twice the gradient in is not twice the gradient of input ${k} out`);
};

/** Jᵀ(v + w) = Jᵀv + Jᵀw up to rounding. */
const additive: Law = (example, v, random) => {
  const w = randomDirection(v.length, random);
  const [gv, gw] = [plainGradients(example, v), gradients(example, w)];
  const both = gradients(example, added([v], [w])[0]);
  const say = (k: number) => `gradients of input ${k} do not add up: Jᵀ(v + w) is not Jᵀv + Jᵀw`;
  return apart(both, added(gv, gw), say, gv, gw);
};

/** Two backwards into the same leaves leave the sum, to the last bit. */
const accumulates: Law = (example, v) => {
  const x = leaves(example.inputs);
  for (let run = 0; run < 2; run++) if (!backward(example.run(...x), v)) return null;
  const due = doubled(plainGradients(example, v));
  return unequal(gradientsOf(x), due, (k) => `a second backward does not add to the gradient of input ${k}`);
};

/** An input used twice gets the sum of what it gets at each place. */
const fanOut: Law = (example, v) => {
  const once = plainGradients(example, v);
  const twice = gradients({ ...example, run: (...x) => example.run(...x).add(example.run(...x)) }, v);
  const say = (k: number) => `input ${k} used twice does not get the sum of both gradients`;
  return apart(twice, doubled(once), say, once);
};

/** ∇(f + h) = ∇f + ∇h: beside f a second path, Σ of all inputs, reaches every one of them. */
const ofSum: Law = (example, v) => {
  const isFloat = example.inputs.some((x) => x.isFloat) && example.run(...example.inputs).isFloat;
  if (!isFloat) return null;
  const once = plainGradients(example, v);
  const total = (x: readonly Tensor[]) =>
    x.flatMap((one) => (one.isFloat ? [one.sum().to("float64")] : [])).reduce((a, b) => a.add(b));
  const sum = (y: Tensor, h: Tensor) => y.add(h.to(y.dtype));
  const both = gradients({ ...example, run: (...x) => sum(example.run(...x), total(x)) }, v);
  const slope = v.reduce((a, b) => a + b, 0); // of Σ in ⟨v, Σ⟩
  const slopes = once.map((list) => list.map(() => slope));
  const sizes = once.map(() => Float64Array.of(v.length)); // of what the slope is the sum of
  const say = (k: number) => `beside a second path the gradient of input ${k} is not the sum of both`;
  return apart(both, added(once, slopes), say, once, sizes);
};

/** Two inputs that are one and the same tensor share their gradients' sum. */
const aliased: Law = (example, v) => {
  const pair = twins(example.inputs);
  if (pair === null) return null;
  const [i, j] = pair;
  const same = example.inputs.with(j, example.inputs[i]);
  const apart = gradients({ ...example, inputs: same }, v);
  const together = gradients({ ...example, inputs: same, run: (...x) => example.run(...x.with(j, x[i])) }, v);
  const sum = apart[i].map((n, at) => n + apart[j][at]);
  if (!sum.every(Number.isFinite)) return null;
  return close(together[i], sum, largest(apart[i]) + largest(apart[j]))
    ? null
    : `the same tensor as inputs ${i} and ${j} does not get the sum of both gradients`;
};

/** A backward that is recorded (for second derivatives) gives the same gradient as one that is not. */
const recordedOrNot: Law = (example, v) => {
  const say = (k: number) =>
    `the gradient of input ${k} with { createGraph: true } differs from that without`;
  return apart(gradients(example, v, true), plainGradients(example, v), say);
};

/** Results and gradients do not depend on how the inputs lie in memory. */
const layoutFree: Law = (example, v) => {
  if (example.inputs.every((x) => x.isContiguous())) return null;
  const packed = { ...example, inputs: example.inputs.map((x) => x.detach().clone().detach()) };
  const [y, yPacked] = [example.run(...example.inputs), packed.run(...packed.inputs)];
  if (!close(y.data, yPacked.data, largest(yPacked.data)))
    return "a strided input gives another result than its copy";
  const say = (k: number) => `the gradient of strided input ${k} differs from that of its copy`;
  return apart(plainGradients(example, v), gradients(packed, v), say);
};

/**
 * An input changed in place after the forward pass is refused by name, or does not matter to the gradient. A jointly
 * linear function's gradient never depends on its inputs: there nothing may be refused.
 */
export const changedInPlace =
  (linear?: "jointly" | "each"): Law =>
  (example, v, random) => {
    const k = random.integer(example.inputs.length);
    const x = leaves(example.inputs.map((one) => one.clone()));
    const y = example.run(...x);
    if (!y.requiresGrad || x[k].size === 0) return null;
    x[k].assign(Array.from(x[k].data, (n) => (x[k].isFloat ? 2 * n + 1 : 0)));
    try {
      backward(y, v);
    } catch (error) {
      if (!(error instanceof GradientError && /changed in place/.test(error.message))) throw error;
      return linear === "jointly" && x[k].isFloat
        ? `input ${k}, changed in place, is refused although no gradient depends on it`
        : null;
    }
    const say = (of: number) => `input ${k}, changed in place, changes the gradient of input ${of} unnoticed`;
    return unequal(gradientsOf(x), plainGradients(example, v), say);
  };

/** Nothing flows back through a comparison, a position, a constant. */
export const noGradient: Law = ({ inputs, run }) =>
  run(...leaves(inputs)).requiresGrad ? "the result requires a gradient, but there is none to have" : null;

/** ⟨A·x, v⟩ = ⟨x, Aᵀ·v⟩: for a linear function this is the whole truth about its gradient, up to rounding. */
export const adjoint =
  (linear: "jointly" | "each"): Law =>
  (example, v) => {
    const { inputs } = example;
    const y = example.run(...inputs);
    const g = plainGradients(example, v);
    const sides = inputs.flatMap((x, k) => (x.isFloat ? [inner([x.data], [g[k]])] : []));
    const terms =
      magnitude([y.data], [v]) +
      magnitude(
        g,
        inputs.map((x) => x.data),
      );
    const left = inner([y.data], [v]);
    const rights = linear === "each" ? sides : [sides.reduce((a, b) => a + b, 0)];
    const wrong = rights.find((right) => !(Math.abs(left - right) <= ROUNDING * terms));
    return wrong === undefined ? null : `⟨f(x), v⟩ is ${left}, ⟨x, Jᵀv⟩ is ${wrong}`;
  };

/** By name, so that a report can say which law caught a fault. */
export const laws: Readonly<Record<string, Law>> = {
  "shapes and types": shapesAndTypes,
  "inputs unchanged": inputsUnchanged,
  "same bits twice": deterministic,
  "zero in, zero out": zeroInZeroOut,
  homogeneous: homogeneous,
  additive: additive,
  accumulates: accumulates,
  "fan-out": fanOut,
  "aliased inputs": aliased,
  "recorded or not": recordedOrNot,
  "layout-free": layoutFree,
  "gradient of a sum": ofSum,
  "gradient under a view": viewed,
  "equivariant under permutation": permutationEquivariant,
  "equivariant under broadcasting": broadcastEquivariant,
};

/** Two inputs that may be one and the same: floats of one shape. */
function twins(inputs: readonly Tensor[]): [number, number] | null {
  const kinds = inputs.map(({ isFloat, shape }, i) => (isFloat ? String(shape) : `no float ${i}`));
  const i = kinds.findIndex((kind, i) => kinds.includes(kind, i + 1));
  return i < 0 ? null : [i, kinds.indexOf(kinds[i], i + 1)];
}
