import type { Exercise } from "../../exercise.ts";

export const adamStep: Exercise = {
  id: "adam-step",
  title: "Adam: undo the bias of two means",
  points: 30,
  part: "implementation",
  kind: "derive",
  source: "tensorgrad/src/06-optimizers/adam.reference.ts",
  note: "06-optimizers#the-rule",
  task:
    "First on paper: m begins at 0, and every step does m ← β₁·m + (1 − β₁)·g. Let g be the same in every step. What is m after t steps? " +
    "By which factor is it too small? Then write the step of Adam and AdamW. `step` is t, counted from 1. " +
    "With `decoupled` = 1 the decay shrinks the weight by lr·weightDecay·p. With 0 it is part of the gradient.",
  hints: [
    "After one step with β₁ = 0.9 and gradient g, what is m? What should a mean of one number be?",
    "m after t steps is a geometric series in β₁. Its sum tells the factor that is missing. Read *By hand first* and *The rule* in note 06.",
    "m = (1 − β₁ᵗ)·g for a constant g, so m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ). p −= lr·m̂/(√v̂ + eps): eps is added after the root.",
    "for each i: gradient ← g, plus weightDecay·p unless decoupled; m, v ← running means of gradient and its square; w ← p, times (1 − lr·weightDecay) if decoupled; p ← w − lr·(m/(1 − beta1^step))/(√(v/(1 − beta2^step)) + eps)",
  ],
  mistakes: [
    {
      name: "bias of the moments not undone",
      fault: "Adam: bias of the moments not undone",
      wrong: `  for (let i = 0; i < n; i++) {
    const weight = decoupled ? p[i] * (1 - lr * weightDecay) : p[i];
    const gradient = decoupled ? g[i] : g[i] + weightDecay * p[i];
    m[i] += (1 - beta1) * (gradient - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
    p[i] = weight - (lr * m[i]) / (Math.sqrt(v[i]) + eps);
  }`,
      says: "Your means still lean towards 0, where they began. Compute m after the first step by hand, and compare it with g.",
    },
    {
      name: "eps inside the root",
      fault: "Adam: eps inside the root",
      wrong: `  for (let i = 0; i < n; i++) {
    const weight = decoupled ? p[i] * (1 - lr * weightDecay) : p[i];
    const gradient = decoupled ? g[i] : g[i] + weightDecay * p[i];
    m[i] += (1 - beta1) * (gradient - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
    p[i] = weight - (lr * m[i]) / (1 - beta1 ** step) / Math.sqrt(v[i] / (1 - beta2 ** step) + eps);
  }`,
      says: "eps stands under your root, where it weighs as √eps. It is a floor for √v̂, so it is added to the root.",
    },
    {
      name: "weight decay outside the moments",
      fault: "Adam: weight decay outside the moments",
      wrong: `  for (let i = 0; i < n; i++) {
    const weight = p[i] * (1 - lr * weightDecay);
    m[i] += (1 - beta1) * (g[i] - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
    p[i] = weight - (lr * m[i]) / (1 - beta1 ** step) / (Math.sqrt(v[i] / (1 - beta2 ** step)) + eps);
  }`,
      says: "You always shrink the weight directly. That is AdamW. In plain Adam the decay is part of the gradient, and m and v see it.",
    },
    {
      name: "weight decay inside the moments",
      fault: "AdamW: weight decay inside the moments",
      wrong: `  for (let i = 0; i < n; i++) {
    const gradient = g[i] + weightDecay * p[i];
    m[i] += (1 - beta1) * (gradient - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
    p[i] -= (lr * m[i]) / (1 - beta1 ** step) / (Math.sqrt(v[i] / (1 - beta2 ** step)) + eps);
  }`,
      says: "You always add the decay to the gradient. AdamW (`decoupled` = 1) keeps it out of m and v and shrinks the weight itself.",
    },
  ],
};
