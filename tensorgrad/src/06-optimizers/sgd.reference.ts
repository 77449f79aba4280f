import type { Floats } from "../00-runtime/arrays.ts";

/** Plain stochastic gradient descent: p −= lr · (g + weightDecay·p). */
export function sgdPlain(p: Floats, g: Floats, n: number, lr: number, weightDecay: number): void {
  for (let i = 0; i < n; i++) p[i] -= lr * (g[i] + weightDecay * p[i]);
}

/**
 * Gradient descent with momentum, in PyTorch's form: the first step sets velocity = d, later ones
 *
 *   velocity = momentum · velocity + (1 − dampening) · d,   d = g + weightDecay·p
 *   p −= lr · velocity                                      nesterov: lr · (d + momentum·velocity)
 *
 * Source    Sutskever et al. 2013, On the importance of initialization and momentum
 */
// exercise: sgd-momentum
export function sgd(
  p: Floats,
  g: Floats,
  velocity: Floats,
  n: number,
  lr: number,
  momentum: number,
  dampening: number,
  weightDecay: number,
  nesterov: number, // 0 or 1
  firstStep: number, // 0 or 1
): void {
  for (let i = 0; i < n; i++) {
    const d = g[i] + weightDecay * p[i];
    velocity[i] = firstStep ? d : momentum * velocity[i] + (1 - dampening) * d;
    p[i] -= lr * (nesterov ? d + momentum * velocity[i] : velocity[i]);
  }
}
