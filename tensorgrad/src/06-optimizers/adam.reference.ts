import type { Floats } from "../00-runtime/arrays.ts";

/**
 * One step of Adam (decoupled = 0: weight decay is part of the gradient) or AdamW (decoupled = 1: it shrinks
 * the weights directly), in PyTorch's form. m and v are running means of g and g²; they start at 0, and
 * dividing by 1 − betaᵗ undoes the bias towards it. `step` is t, counted from 1.
 *
 * Source    Kingma & Ba 2015, Adam; Loshchilov & Hutter 2019, Decoupled weight decay regularization
 */
// exercise: adam-step
export function adam(
  p: Floats,
  g: Floats,
  m: Floats,
  v: Floats,
  n: number,
  lr: number,
  beta1: number,
  beta2: number,
  eps: number,
  weightDecay: number,
  decoupled: number,
  step: number,
): void {
  const stepSize = lr / (1 - beta1 ** step);
  const rootOfBias = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < n; i++) {
    const weight = decoupled ? p[i] * (1 - lr * weightDecay) : p[i];
    const gradient = decoupled ? g[i] : g[i] + weightDecay * p[i];
    m[i] += (1 - beta1) * (gradient - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
    p[i] = weight - (stepSize * m[i]) / (Math.sqrt(v[i]) / rootOfBias + eps);
  }
}

/** Adam that divides by the largest v so far: steps never grow again. Source: Reddi et al. 2018, On the convergence of Adam. */
export function amsgrad(
  p: Floats,
  g: Floats,
  m: Floats,
  v: Floats,
  largest: Floats,
  n: number,
  lr: number,
  beta1: number,
  beta2: number,
  eps: number,
  weightDecay: number,
  decoupled: number,
  step: number,
): void {
  const stepSize = lr / (1 - beta1 ** step);
  const rootOfBias = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < n; i++) {
    const weight = decoupled ? p[i] * (1 - lr * weightDecay) : p[i];
    const gradient = decoupled ? g[i] : g[i] + weightDecay * p[i];
    m[i] += (1 - beta1) * (gradient - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
    largest[i] = Math.max(largest[i], v[i]);
    p[i] = weight - (stepSize * m[i]) / (Math.sqrt(largest[i]) / rootOfBias + eps);
  }
}
