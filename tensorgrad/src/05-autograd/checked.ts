import { GradientError, show } from "../00-runtime/index.ts";
import {
  blockNotRecording,
  broadcastsTo,
  type Function,
  type Gradient,
  hasNaN,
  type RunningRule,
  sameShape,
  stretchedDims,
  type Tensor,
} from "../01-tensor/index.ts";

/** Undoes broadcasting, and holds every operation to the shape and dtype of its input; null for no gradient. */
export function checked(
  operation: Function,
  given: Gradient | undefined,
  index: number,
  rule: RunningRule,
): Tensor | null {
  const x = operation.prev[index];
  const gradient = typeof given === "function" ? given() : given;
  if (gradient === null) return null;
  const complain = (what: string) =>
    new GradientError(
      `${operation.name}.backward: gradient of input ${index} ${what} — the input is ${show(x.shape)} ${x.dtype}, and its gradient must be ` +
        "the same (or broadcast from it)",
    );
  if (gradient === undefined) throw complain("is missing");
  void gradient.storage.pointer; // a saved tensor that is passed on as it is counts as read
  if (gradient.dtype !== x.dtype) throw complain(`has dtype ${gradient.dtype}`);
  const same = sameShape(gradient.shape, x.shape);
  if (!same && !broadcastsTo(x.shape, gradient.shape)) throw complain(`has shape ${show(gradient.shape)}`);
  // exercise: autograd-unbroadcast
  const dx = same
    ? gradient
    : gradient.sum(stretchedDims(x.shape, gradient.shape), { keepDim: true }).reshape(x.shape);
  // stub: const dx = gradient; // the shape of x is due: sum over the dims that were stretched
  if (!rule.watching || !hasNaN(dx) || hasNaN(rule.g)) return dx;
  throw new GradientError(
    `${operation.name}.backward: NaN in the gradient of input ${index}, ${show(dx.shape)}, from a gradient without NaN — ` +
      `the operation was called at ${operation.madeAt ?? "a place not recorded: open detectAnomaly before the forward pass"}`,
  );
}

/** For an operand that this call left out, like a bias: nobody will ask. */
const isUnasked = (g: Gradient): boolean => g === null || typeof g === "function";

/** One gradient per input. */
export function checkCount(operation: Function, given: readonly Gradient[]): void {
  const due = operation.prev.length;
  if (Array.isArray(given) && given.length >= due && given.slice(due).every(isUnasked)) return;
  const what = Array.isArray(given) ? `${given.length} gradients` : "no list";
  throw new GradientError(
    `${operation.name}.backward: returned ${what} for ${due} inputs — one for each, in their order; null for none`,
  );
}

/** Hooks may replace a gradient only by one of its kind. */
export function checkHooked(tensor: Tensor, g: Tensor): void {
  if (sameShape(g.shape, tensor.shape) && g.dtype === tensor.dtype) return;
  throw new GradientError(
    `registerHook: a hook returned ${show(g.shape)} ${g.dtype} for the gradient of ${show(tensor.shape)} ${tensor.dtype} — ` +
      "it must keep shape and dtype",
  );
}

export function requireDifferentiable(call: string, output: Tensor): void {
  if (output.requiresGrad) return;
  throw new GradientError(
    `${call}: a tensor of shape ${show(output.shape)} that does not depend on anything with requiresGrad — ` +
      `make its inputs with { requiresGrad: true }, and compute it outside noGrad${blockNotRecording()}`,
  );
}

/** The gradient that the walk starts from. */
export function seedFor(call: string, output: Tensor, gradient: Tensor | null): Tensor {
  if (gradient === null) {
    if (output.size === 1) return output.newFrom([1], output.shape);
    throw new GradientError(
      `${call}: a gradient is required for a tensor of shape ${show(output.shape)}; only a single element has the implicit ` +
        `gradient 1 — reduce with .sum() or .mean(), or pass one of shape ${show(output.shape)}`,
    );
  }
  if (sameShape(gradient.shape, output.shape) && gradient.dtype === output.dtype) return gradient;
  throw new GradientError(
    `${call}: a gradient of shape ${show(gradient.shape)} ${gradient.dtype} for a tensor of shape ${show(output.shape)} ` +
      `${output.dtype} — both must be the same`,
  );
}
