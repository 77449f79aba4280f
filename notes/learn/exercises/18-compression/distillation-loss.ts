import type { CodeExercise } from "../../exercise.ts";

const loss = (
  factor: string,
  divergence = "this.divergence(student, teacher.detach())",
  rest = "1 - alpha",
) => `
    if (!sameShape(student.shape, teacher.shape))
      throw new ShapeError(
        \`distill: scores \${show(student.shape)} of the student, \${show(teacher.shape)} of the teacher — both must score the \` +
          "same examples and classes",
      );
    const { temperature: T, alpha } = this;
    const truth = this.loss(student, targets).mul(${rest});
    return truth.add(${divergence}.mul(${factor}));`;

export const distillationLoss: CodeExercise = {
  id: "distillation-loss",
  kind: "derive",
  title: "What a student is told",
  points: 25,
  part: "implementation",
  note: "18-compression#the-rule",
  source: "tensorgrad/src/18-compression/distill.ts",
  task: `
The loss of a student is α times what its teacher says and 1 − α times the truth. \`this.divergence(student, teacher)\` gives
KL(softmax(teacher/T) ‖ softmax(student/T)); \`this.loss(student, targets)\` gives the loss of the true classes.

Derive on paper the gradient of the divergence with respect to the student's scores. How does it depend on T when T is large?
Choose the factor of the divergence so that α means the same at every temperature. The teacher gets no gradient.

Scores of different shapes are refused first. Begin with:

\`\`\`ts
if (!sameShape(student.shape, teacher.shape))
  throw new ShapeError(
    \`distill: scores \${show(student.shape)} of the student, \${show(teacher.shape)} of the teacher — both must score the \` +
      "same examples and classes",
  );
\`\`\``,
  hints: [
    "Scores are divided by T twice on the way from the loss to its gradient. Where?",
    "The gradient of the divergence is (softmax(s/T) − softmax(t/T))/T. For large T the difference itself shrinks like 1/T. The note says what follows.",
    "loss = α·T²·KL(teacher ‖ student) + (1 − α)·loss(student, targets).",
    "check the shapes; truth = loss of the targets times 1 − alpha; add the divergence of student and detached teacher times alpha·T·T.",
  ],
  mistakes: [
    {
      name: "temperature squared forgotten",
      wrong: loss("alpha"),
      says: "At temperature 4 the teacher counts a sixteenth of what α says. Nothing fails; it just does not help.",
      fault: "distillation: temperature squared forgotten",
    },
    {
      name: "the student is the truth, the teacher the guess",
      wrong: loss("alpha * T * T", "this.divergence(teacher.detach(), student)"),
      says: "Both are exchanged: the divergence asks how surprised the student is by what the teacher says.",
      fault: "distillation: the student is the truth, the teacher the guess",
    },
    {
      name: "the teacher learns, too",
      wrong: loss("alpha * T * T", "this.divergence(student, teacher)"),
      says: "A gradient flows into the teacher's scores. It would chase its student.",
    },
    {
      name: "alpha and 1 − alpha exchanged",
      wrong: loss("(1 - alpha) * T * T", undefined, "alpha"),
      says: "α is the weight of the teacher. With α = 0 the student hears the truth alone.",
    },
  ],
};
