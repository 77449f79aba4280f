import assert from "node:assert/strict";
import { type Tensor, tensor } from "tensorgrad";
import { DistillationLoss } from "tensorgrad/compression";
import { crossEntropy, softmax } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

const STUDENT = [
  [1, -0.5, 2],
  [0, 1, -1],
];
const TEACHER = [
  [3, 0, 1],
  [-1, 2, 0.5],
];
const TARGETS = () => tensor([0, 1], { dtype: "int32" });

const scores = (values: number[][], requiresGrad = false): Tensor =>
  tensor(values, { dtype: "float64", requiresGrad });

const lossOf = (temperature: number, alpha: number): number =>
  new DistillationLoss({ temperature, alpha }).forward(scores(STUDENT), scores(TEACHER), TARGETS()).item();

/** The gradients of the scores of both. */
function gradients(temperature: number, alpha: number): { student: number[]; teacher: number[] | null } {
  const [student, teacher] = [scores(STUDENT, true), scores(TEACHER, true)];
  new DistillationLoss({ temperature, alpha }).forward(student, teacher, TARGETS()).backward();
  return {
    student: [...(student.grad?.data ?? [])],
    teacher: teacher.grad ? [...teacher.grad.data] : null,
  };
}

function near(found: readonly number[], expected: readonly number[], what: string): void {
  const far = Math.max(...found.map((value, i) => Math.abs(value - expected[i])));
  const text = (list: readonly number[]) => list.map((value) => value.toFixed(4)).join(", ");
  assert.ok(far < 1e-9, `${what}: ${text(found)}, expected ${text(expected)}`);
}

export const checks: Checks = {
  "alpha 0 is the truth alone": () =>
    near([lossOf(4, 0)], [crossEntropy(scores(STUDENT), TARGETS()).item()], "the loss with alpha 0"),
  "alpha 1: the gradient is T·(softmax(student/T) − softmax(teacher/T))/rows": () => {
    for (const T of [1, 4]) {
      const [s, t] = [STUDENT, TEACHER].map((values) => softmax(scores(values).div(T), 1));
      near(
        gradients(T, 1).student,
        [...s.sub(t).mul(T / 2).data],
        `the student's gradient at temperature ${T}`,
      );
    }
  },
  "alpha means the same at every high temperature": () => {
    const [first, second] = [50, 100].map((T) => gradients(T, 1).student[0]);
    assert.ok(
      Math.abs(first / second - 1) < 0.02,
      `the gradient is ${first.toFixed(5)} at temperature 50 and ${second.toFixed(5)} at 100: they should hardly differ`,
    );
  },
  "the teacher gets no gradient, and the student gets one": () => {
    const { student, teacher } = gradients(2, 0.5);
    assert.ok(
      student.some((g) => g !== 0),
      "the student's gradient is 0",
    );
    assert.ok(teacher === null || teacher.every((g) => g === 0), `the teacher's gradient is ${teacher}`);
  },
};

export const probes: Probes = () => [
  ...attempt(() => [lossOf(4, 0.9), lossOf(1, 0.3)]),
  ...attempt(() => {
    const { student, teacher } = gradients(2, 0.9);
    return [...student, teacher?.some((g) => g !== 0) ?? false];
  }),
];
