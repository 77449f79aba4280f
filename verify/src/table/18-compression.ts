import { type Random, tensor } from "tensorgrad";
import { DistillationLoss, Masks, svd } from "tensorgrad/compression";
import { Linear } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { CLOSE, differs } from "../gradients/differs.ts";
import { inMethod } from "../mutants/plant.ts";
import { float64, mean, normals, numbers, type Reference, sum } from "../references/reference.ts";
import { definition } from "./builders.ts";
import type { Definition } from "./case.ts";

const { exp, log } = Math;
const wide = { dtype: "float64" } as const;

const softmax = (scores: readonly number[], temperature: number): number[] => {
  const powers = scores.map((score) => exp(score / temperature));
  return powers.map((power) => power / sum(powers));
};

/** Hinton, Vinyals & Dean 2015, in plain loops: two rows, three classes. */
const distillation: Reference = (random) => {
  const [temperature, alpha, y] = [1 + 3 * random.uniform(), random.uniform(), [2, 0]];
  const rows = () => [numbers(random, 3), numbers(random, 3)];
  const [student, teacher] = [rows(), rows()];
  const soft = student.map((scores, i) => {
    const [q, p] = [softmax(scores, temperature), softmax(teacher[i], temperature)];
    return sum(p.map((p, c) => p * log(p / q[c])));
  });
  const hard = student.map((scores, i) => -log(softmax(scores, 1)[y[i]]));
  const expected = alpha * temperature ** 2 * mean(soft) + (1 - alpha) * mean(hard);
  const [s, t] = [student, teacher].map((rows) => tensor(rows, wide));
  const loss = new DistillationLoss({ temperature, alpha }).forward(s, t, tensor(y, { dtype: "int32" }));
  return differs("the loss", loss, [expected], 1e-10);
};

const STEPS = 8;
const settings = { lr: 0.1, momentum: 0.9, weightDecay: 0.1 };

/** Four weights move; then two of them are removed. What they remember must not bring them back. */
const pruning: Reference = (random) => {
  const layer = new Linear(2, 2, { bias: false }).to("float64");
  const p = layer.weight.assign(float64(numbers(random, 4)).reshape(2, 2));
  const optimizer = new SGD([p], settings);
  const kept = [true, false, false, true];
  const expected = Array.from(p.data, (value) => ({ value, velocity: 0 }));
  let masks: Masks | null = null;
  for (let step = 1; step <= STEPS; step++) {
    if (step === 4) {
      masks = new Masks(layer, { weight: tensor([kept.slice(0, 2), kept.slice(2)]) });
      for (const [i, one] of expected.entries()) if (!kept[i]) one.value = 0;
    }
    const g = numbers(random, 4);
    const scaled = p.mul(float64(g).reshape(2, 2)).sum(); // its gradient is g
    optimizer.zeroGrad();
    scaled.backward();
    optimizer.step();
    masks?.onStepEnd();
    for (const [i, one] of expected.entries()) {
      if (masks && !kept[i]) continue;
      one.velocity = settings.momentum * one.velocity + g[i] + settings.weightDecay * one.value;
      one.value -= settings.lr * one.velocity;
    }
    const wrong = expected.findIndex(({ value }, i) => !(Math.abs(p.data[i] - value) <= CLOSE * 10));
    if (wrong >= 0)
      return `after step ${step} weight ${wrong} is ${p.data[wrong]}, by its definition ${expected[wrong].value}`;
  }
  return null;
};

/** The squares of singular values are what aᵀa does to its own directions: (aᵀa)·v = s²·v. */
const decomposition: Reference = (random: Random) => {
  const a = normals(random, [4, 3]);
  const { s, v } = svd(a);
  const turned = a.t().matmul(a).matmul(v);
  return differs("aᵀ·a·v", turned, v.mul(s.square()).contiguous().data, 1e-10);
};

export const title = "Compression";

export const rows: readonly Definition[] = [
  definition("distillation", distillation, [
    inMethod(
      "temperature squared forgotten",
      DistillationLoss.prototype,
      "divergence",
      (right) =>
        function (this: DistillationLoss, student, teacher) {
          return right.call(this, student, teacher).div(this.temperature ** 2);
        },
      "reference",
    ),
    inMethod(
      "the student is the truth, the teacher the guess",
      DistillationLoss.prototype,
      "divergence",
      (right) =>
        function (this: DistillationLoss, student, teacher) {
          return right.call(this, teacher, student);
        },
      "reference",
    ),
  ]),
  definition("pruned weights", pruning, [
    inMethod("mask lost after a step", Masks.prototype, "onStepEnd", () => () => {}, "reference"),
  ]),
  definition("svd", decomposition),
];
