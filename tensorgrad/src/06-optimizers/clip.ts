import { checked, GradientError, give, kernels, repeated, show } from "../00-runtime/index.ts";
import { expectTensors, type Tensor } from "../01-tensor/index.ts";
import * as reference from "./clip.reference.ts";
import * as split from "./clip.split.ts";

const kernel = kernels(reference, split);

/** Options of `gradNorm` and `clipGradNorm`. */
export interface NormOptions {
  /** p of the p-norm, at least 1; Infinity is the largest absolute value. */
  readonly normType?: number;
}

/**
 * The length of all gradients together, as if they were one vector; of parameters without a gradient none.
 *
 *   ‖g‖ₚ = (Σ |gᵢ|ᵖ)^(1/p)
 *
 * Cost    one pass over the gradients; sums in double precision
 * Throws  RangeError for a normType below 1
 */
export function gradNorm(parameters: readonly Tensor[], options: NormOptions = {}): number {
  const { normType = 2 } = checked("gradNorm", options, ["normType"]);
  checkNorm(normType);
  return withNorm(gradientsOf("gradNorm", parameters), normType, (norm) => norm);
}

function checkNorm(normType: number): void {
  if (!(normType >= 1))
    throw new RangeError(`gradNorm: normType ${normType} — a norm has a p from 1 to Infinity`);
}

/**
 * Shortens the gradients, where they are longer than `maxNorm` together, to that length: one bad batch cannot throw the
 * weights far. Their direction stays.
 *
 *   g ← g · maxNorm/(‖g‖ₚ + 10⁻⁶)  if ‖g‖ₚ > maxNorm
 *
 * Returns the length before. Call it between `backward` and `step`.
 *
 * Cost    one pass over the gradients, and a second one to shorten them
 * Throws  RangeError for a maxNorm ≤ 0; GradientError if a gradient is not finite: no factor would mend it. Then
 *         nothing was changed
 * Source  Pascanu et al. 2013, On the difficulty of training recurrent neural networks; PyTorch's formula
 */
// exercise: clip-find-stretch
export function clipGradNorm(
  parameters: readonly Tensor[],
  maxNorm: number,
  options: NormOptions = {},
): number {
  checked("clipGradNorm", options, ["normType"]);
  if (!(maxNorm > 0)) throw new RangeError(`clipGradNorm: maxNorm ${maxNorm} — must be a number above 0`);
  const { normType = 2 } = options;
  checkNorm(normType);
  return withNorm(gradientsOf("clipGradNorm", parameters), normType, (total, gradients) => {
    if (!Number.isFinite(total)) throw notFinite(total, parameters);
    const factor = maxNorm / (total + 1e-6);
    if (factor < 1) scale(gradients, factor);
    return total;
  });
}

function notFinite(total: number, parameters: readonly Tensor[]): GradientError {
  const bad = parameters.findIndex(({ grad }) => grad && !grad.data.every(Number.isFinite));
  return new GradientError(
    bad < 0
      ? `clipGradNorm: the norm of the gradients is ${total} — they are too large for their sum; lower the learning rate`
      : `clipGradNorm: the gradient of parameter ${bad}, ${show(parameters[bad].shape)}, is not finite — a factor cannot ` +
          "mend it; look for its cause with detectAnomaly()",
  );
}

/**
 * Cuts every element of the gradients to [−clipValue, clipValue]. Their direction may change.
 *
 * Throws  RangeError for a clipValue ≤ 0
 */
export function clipGradValue(parameters: readonly Tensor[], clipValue: number): void {
  if (!(clipValue > 0))
    throw new RangeError(`clipGradValue: clipValue ${clipValue} — must be a number above 0`);
  for (const g of gradientsOf("clipGradValue", parameters)) {
    kernel.clampTo(g, g.size, clipValue);
    g.storage.version++;
  }
}

/** g ← factor·g for every parameter that has a gradient. */
export function scaleGradients(parameters: readonly Tensor[], factor: number): void {
  scale(gradientsOf("scaleGradients", parameters), factor);
}

function scale(gradients: readonly Tensor[], factor: number): void {
  for (const g of gradients) {
    kernel.scaleBy(g, g.size, factor);
    g.storage.version++;
  }
}

/** Every gradient once, with its elements in a row. */
function gradientsOf(call: string, parameters: readonly Tensor[]): Tensor[] {
  expectTensors(call, parameters, "parameters");
  return [...new Set(parameters)].flatMap((p) => gradientOf(p) ?? []);
}

/** A parameter's gradient with its elements in a row, in place of one without; it lives as long as the parameter. */
export function gradientOf(p: Tensor): Tensor | null {
  if (p.grad && !p.grad.isContiguous()) {
    p.grad = p.grad.contiguous();
    give(p.grad.storage, p.storage.owner ?? null);
  }
  return p.grad;
}

/** Calls `use` with the norm of all gradients together; a captured step does so again, for the norm decides what happens next. */
function withNorm(
  gradients: readonly Tensor[],
  p: number,
  use: (norm: number, gradients: readonly Tensor[]) => number,
): number {
  const norms = gradients.map((g) => g.newEmpty([1]));
  try {
    return repeated([...gradients, ...norms], (...both) => {
      const gs = both.slice(0, gradients.length);
      const each = gs.map((g, i) => normOf(g, both[gs.length + i], p));
      return use(combined(each, p), gs);
    });
  } finally {
    for (const y of norms) y.dispose();
  }
}

/** The norm of one gradient; `y` has room for it. */
function normOf(g: Tensor, y: Tensor, p: number): number {
  if (p === 2) {
    kernel.norm2(g, y, g.size);
    return y.item();
  }
  let [sum, largest] = [0, 0];
  for (const value of g.data) {
    if (Number.isNaN(value)) return value;
    if (p === Number.POSITIVE_INFINITY) largest = Math.max(largest, Math.abs(value));
    else sum += Math.abs(value) ** p;
  }
  return p === Number.POSITIVE_INFINITY ? largest : sum ** (1 / p);
}

/** The norm of the vector of norms. */
function combined(norms: readonly number[], p: number): number {
  if (p === Number.POSITIVE_INFINITY)
    return norms.reduce((a, b) => (Number.isNaN(b) ? b : Math.max(a, b)), 0);
  if (p === 2) return norms.reduce((sum, norm) => Math.hypot(sum, norm), 0);
  return norms.reduce((sum, norm) => sum + norm ** p, 0) ** (1 / p);
}
