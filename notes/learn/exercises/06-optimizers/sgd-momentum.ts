import type { Exercise } from "../../exercise.ts";

export const sgdMomentum: Exercise = {
  id: "sgd-momentum",
  title: "SGD with momentum",
  points: 20,
  part: "implementation",
  kind: "write",
  source: "tensorgrad/src/06-optimizers/sgd.reference.ts",
  note: "06-optimizers#the-rule",
  task:
    "Write one step of gradient descent with momentum, in PyTorch's form. First add weight decay to the gradient: d = g + weightDecay·p. " +
    "Then update the velocity. The first step sets it to d. Then move the parameter by lr times the velocity. " +
    "With Nesterov the move looks one step ahead.",
  hints: [
    "Which numbers must live longer than one step? Which one does the learning rate multiply?",
    "The velocity is a sum of gradients whose old terms fade by `momentum` each step. Read *The rule* in note 06, then the docstring above the function.",
    "velocity = momentum·velocity + (1 − dampening)·d; in the first step velocity = d. p −= lr·velocity; with Nesterov p −= lr·(d + momentum·velocity).",
    "for each i: d ← gradient plus decay; velocity[i] ← d if it is the first step, else the mixture; move ← velocity[i], or d plus momentum times velocity[i]; p[i] −= lr times move",
  ],
  mistakes: [
    {
      name: "weight decay after the momentum",
      fault: "SGD with momentum: weight decay after the momentum",
      wrong: `  for (let i = 0; i < n; i++) {
    velocity[i] = firstStep ? g[i] : momentum * velocity[i] + (1 - dampening) * g[i];
    const move = nesterov ? g[i] + momentum * velocity[i] : velocity[i];
    p[i] -= lr * (move + weightDecay * p[i]);
  }`,
      says: "The decay joins your step after the momentum. In this form it is part of the gradient, so the velocity remembers it, too.",
    },
    {
      name: "learning rate inside the velocity",
      fault: "SGD with momentum: learning rate inside the velocity",
      wrong: `  for (let i = 0; i < n; i++) {
    const d = g[i] + weightDecay * p[i];
    velocity[i] = firstStep ? lr * d : momentum * velocity[i] + lr * (1 - dampening) * d;
    p[i] -= nesterov ? lr * d + momentum * velocity[i] : velocity[i];
  }`,
      says: "Your velocity holds the learning rate of the step in which it was made. When a schedule lowers the rate, old moves keep the old one. Keep gradients in the velocity.",
    },
    {
      name: "Nesterov looks one step too far",
      fault: "SGD, Nesterov: Nesterov looks one step too far",
      wrong: `  for (let i = 0; i < n; i++) {
    const d = g[i] + weightDecay * p[i];
    velocity[i] = firstStep ? d : momentum * velocity[i] + (1 - dampening) * d;
    p[i] -= lr * (nesterov ? d + momentum * momentum * velocity[i] : velocity[i]);
  }`,
      says: "Nesterov's move has `momentum` once. The velocity that you multiply was updated in this step already.",
    },
    {
      name: "the first step is dampened",
      wrong: `  for (let i = 0; i < n; i++) {
    const d = g[i] + weightDecay * p[i];
    velocity[i] = momentum * velocity[i] + (1 - dampening) * d;
    p[i] -= lr * (nesterov ? d + momentum * velocity[i] : velocity[i]);
  }`,
      says: "Your first step is too short when dampening is above 0. There is no older velocity yet, so the first one is d itself.",
    },
  ],
};
