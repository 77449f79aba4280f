import { differences, fromArray, grad, Random, scope, Tensor } from "tensorgrad";
import {
  contracted,
  type Directions,
  type Example,
  gradients,
  inner,
  leaves,
  magnitude,
  moved,
  randomDirection,
  randomDirections,
} from "./evaluate.ts";
import { adjoint, changedInPlace, laws, noGradient } from "./laws.ts";

/** What is examined: 1 is the gradient, 2 also the gradient of the gradient, 0 neither: nothing may flow back. */
export type Order = 0 | 1 | 2;

export interface Examination {
  /** 2 checks the gradient of the gradient as well. */
  readonly order: Order;
  /** Linear in all inputs together, or in each: ⟨f(x), v⟩ = ⟨x, Jᵀv⟩ has to hold. */
  readonly linear?: "jointly" | "each" | undefined;
  /** False where finite differences cannot be taken (rounding, jumps). */
  readonly differences?: boolean;
  /** Random directions and cotangents per example. */
  readonly directions: number;
  /** Seed of the directions. */
  readonly seed: number;
}

/** The first thing found wrong with an example. */
export interface Finding {
  /** "differences", "second differences", "Hessian symmetry", or the name of an exact law. */
  readonly law: string;
  /** For differences: both slopes along u and how far apart they might have been. */
  readonly analytic?: number;
  readonly numeric?: number;
  readonly allowed?: number;
  /** Weights of the outputs under which it was seen. */
  readonly v: Float64Array;
  /** What an exact law says. */
  readonly message?: string;
}

/** What an examination without findings saw; sums over examples make the report. */
export interface Tally {
  directions: number;
  /** Directions that could not be compared, because the example lies on a kink or at the edge of its domain. */
  kinks: number;
  /** Directions in which the allowed difference was above one millionth of the gradient: too blunt to mean much. */
  blunt: number;
  /** Largest difference seen, relative to the terms of the gradient, where it could be told to a millionth. */
  worst: number;
}

export const emptyTally = (): Tally => ({ directions: 0, kinks: 0, blunt: 0, worst: 0 });

/** Gradients whose terms are all smaller than this are compared as if they were this large. */
const SMALL = 1e-3;
/** Relative to the gradient's own terms, a comparison that allows more than this proves little. */
const SHARP = 1e-6;
/** Rounding of second derivatives, relative to their terms; terms that cancelled before leave a tenth of that of 1. */
const SYMMETRIC = 1e-11;
/** Rounding of the analytic side, in units of its terms. */
const SLACK = 4 * Number.EPSILON;

/** Examines one example; adds to the tally; returns the first finding, or null. */
export function examine(example: Example, options: Examination, tally: Tally): Finding | null {
  using _ = scope();
  const random = new Random(options.seed);
  const { size } = resultOf(example);
  const v = randomDirection(size, random);
  const due = {
    ...(options.linear ? { adjoint: adjoint(options.linear) } : {}), // says most about what it holds for
    ...laws,
    ...(options.order === 0 ? { "no gradient": noGradient } : {}),
    "changed in place": changedInPlace(options.linear),
  };
  const draws = new Random(options.seed ^ 1); // apart, so that directions do not depend on how many laws there are
  for (const [law, check] of Object.entries(due)) {
    const message = check(example, v, draws);
    if (message !== null) return { law, message, v };
  }
  if (options.order === 0 || options.differences === false) return null;
  // Wrong gradients have wrong gradients in turn: the first order is asked in all directions before the second.
  for (const look of options.order === 2 ? [alongOneDirection, secondOrder] : [alongOneDirection]) {
    for (let run = 0; run < options.directions; run++) {
      const found = look(example, random, size, tally);
      if (found !== null) return found;
    }
  }
  return null;
}

/** The result, which has to be a tensor of finite numbers: elsewhere there is no gradient to check. */
function resultOf({ inputs, run }: Example): Tensor {
  const y: unknown = run(...inputs);
  if (!(y instanceof Tensor)) throw new TypeError(`the function returned ${y} — it returns one tensor`);
  const odd = y.isFloat ? y.data.find((n) => !Number.isFinite(n)) : undefined;
  if (odd === undefined) return y;
  throw new RangeError(
    `the result holds ${odd} — draw inputs from where the function is defined: tensors({ domain: positive }), awayFrom(0)`,
  );
}

/** ⟨v, J·u⟩ by Ridders' table against ⟨Jᵀv, u⟩ by backward. */
function alongOneDirection(
  { inputs, run }: Example,
  random: Random,
  size: number,
  tally: Tally,
): Finding | null {
  using _ = scope();
  const [u, v] = [randomDirections(inputs, random), randomDirection(size, random)];
  const g = gradients({ inputs, run }, v);
  const curve = (t: number) => {
    using _ = scope();
    return contracted(run, moved(inputs, u, t), v);
  };
  return compare("differences", curve, inner(g, u), magnitude(g, u), v, tally);
}

/**
 * The same for the map (x, v) ↦ Jᵀv, whose derivative is backward's backward; and the symmetry of second derivatives:
 * a·(H·b) = b·(H·a) for the Hessian H of ⟨v, f⟩.
 */
function secondOrder(example: Example, random: Random, size: number, tally: Tally): Finding | null {
  using _ = scope();
  const { inputs } = example;
  const v = randomDirection(size, random);
  const [u, w] = [randomDirections(inputs, random), randomDirections(inputs, random)];
  const s = randomDirection(size, random);
  const along = pullBack(example, v, w);
  if (along === null) return null;
  const analytic = inner(along.ofInputs, u) + inner([along.ofCotangent], [s]);
  const terms = magnitude(along.ofInputs, u) + magnitude([along.ofCotangent], [s]);
  const curve = (t: number) => {
    using _ = scope();
    const at = moved(inputs, u, t);
    const { branch } = contracted(example.run, at, v);
    const cotangent = v.map((n, i) => n + t * s[i]);
    return { value: inner(gradients({ ...example, inputs: at }, cotangent), w), branch };
  };
  const found = compare("second differences", curve, analytic, terms, v, tally);
  const [hw, hu] = [along.ofInputs, found ? null : pullBack(example, v, u)?.ofInputs];
  if (!hu) return found;
  const [left, right] = [inner(hw, u), inner(hu, w)];
  const allowed = SYMMETRIC * (0.1 + magnitude(hw, u) + magnitude(hu, w));
  if (Math.abs(left - right) <= allowed) return null;
  return { law: "Hessian symmetry", analytic: left, numeric: right, allowed, v };
}

/** The gradient of ⟨w, Jᵀv⟩ with respect to the inputs (H·w) and to v (J·w), or null where f is constant. */
function pullBack({ inputs, run }: Example, v: Float64Array, w: Directions) {
  const x = leaves(inputs);
  const y = run(...x);
  if (!y.requiresGrad) return null;
  const cotangent = fromArray(v, y.shape, { dtype: y.dtype, requiresGrad: true });
  y.backward(cotangent, { createGraph: true });
  const terms = x.flatMap((leaf, k) =>
    leaf.grad?.requiresGrad ? [leaf.grad.mul(fromArray(w[k], leaf.shape, { dtype: leaf.dtype })).sum()] : [],
  );
  // A gradient cut off from the graph counts as constant here; differences will tell whether it is.
  const sum = terms.length > 0 ? terms.reduce((a, b) => a.add(b)) : null;
  // Where the sum does not depend on an input its gradient is zero.
  const gradientOf = (t: Tensor) => {
    const [g] = sum && t.isFloat ? grad(sum, [t], { retainGraph: true, allowUnused: true }) : [];
    return g ? Float64Array.from(g.data) : new Float64Array(t.isFloat ? t.size : 0);
  };
  return { ofInputs: x.map(gradientOf), ofCotangent: gradientOf(cotangent) };
}

function compare(
  law: string,
  curve: (t: number) => { value: number; branch: number },
  analytic: number,
  terms: number,
  v: Float64Array,
  tally: Tally,
): Finding | null {
  const found = differences.agrees(curve, analytic, SLACK * terms);
  // A function of somebody else's may bend here and not say so in its signature.
  const kink = !found.agrees && differences.bendsAt(curve, analytic);
  const verdict = kink ? { ...found, kink, agrees: true } : found;
  count(tally, verdict, analytic, Math.max(terms, Math.abs(verdict.numeric) || 0));
  if (verdict.agrees) return null;
  return { law, analytic, numeric: verdict.numeric, allowed: verdict.allowed, v };
}

function count(tally: Tally, verdict: differences.Verdict, analytic: number, terms: number): void {
  const scale = Math.max(terms, SMALL);
  tally.directions++;
  if (verdict.kink) tally.kinks++;
  else if (verdict.allowed > SHARP * scale) tally.blunt++;
  else tally.worst = Math.max(tally.worst, Math.abs(verdict.numeric - analytic) / scale);
}
