import { checked, Printed, ShapeError, show } from "../00-runtime/index.ts";
import { sameShape, type Tensor } from "../01-tensor/index.ts";
import { evaluating, Module } from "../03-layers/index.ts";
import { crossEntropy, klDiv, logSoftmax } from "../04-losses/index.ts";
import { noGrad } from "../05-autograd/index.ts";

export interface DistillationOptions {
  /** Divides the scores of both before softmax: the higher, the more the teacher's small probabilities count. */
  readonly temperature?: number;
  /** The weight of the teacher's opinion; 1 − alpha is that of the true classes. */
  readonly alpha?: number;
  /** What the student is told of the true classes. */
  readonly loss?: (scores: Tensor, targets: Tensor) => Tensor;
}

/**
 * What a student makes of its teacher's scores, and of the truth.
 *
 *   loss = α·T²·KL(softmax(teacher/T) ‖ softmax(student/T)) + (1 − α)·crossEntropy(student, targets)
 *
 * Gradients of the first part fall with 1/T²; the factor T² makes up for it, so that alpha means the same at every
 * temperature.
 *
 * Shapes    both scores [..., C] → a scalar, the mean over all rows; targets as `loss` takes them
 * Gradient  student: α·T·(softmax(student/T) − softmax(teacher/T))/rows, and that of the truth; teacher: none
 * Throws    ShapeError for scores of different shapes; RangeError for a temperature ≤ 0 or an alpha outside of [0, 1]
 * Source    Hinton, Vinyals & Dean 2015, Distilling the knowledge in a neural network
 */
export class DistillationLoss extends Printed {
  readonly temperature: number;
  readonly alpha: number;
  readonly loss: (scores: Tensor, targets: Tensor) => Tensor;

  constructor(options: DistillationOptions = {}) {
    const {
      temperature = 4,
      alpha = 0.9,
      loss = crossEntropy,
    } = checked("DistillationLoss", options, ["temperature", "alpha", "loss"]);
    super();
    if (!(temperature > 0 && Number.isFinite(temperature)))
      throw new RangeError(
        `distill: temperature ${temperature} — scores are divided by a finite number above 0`,
      );
    if (!(alpha >= 0 && alpha <= 1))
      throw new RangeError(`distill: alpha ${alpha} — the teacher's weight is from 0 (none) to 1 (all)`);
    [this.temperature, this.alpha, this.loss] = [temperature, alpha, loss];
  }

  /** The loss of a batch: the scores of both, and the true classes. */
  // exercise: distillation-loss
  forward(student: Tensor, teacher: Tensor, targets: Tensor): Tensor {
    if (!sameShape(student.shape, teacher.shape))
      throw new ShapeError(
        `distill: scores ${show(student.shape)} of the student, ${show(teacher.shape)} of the teacher — both must score the ` +
          "same examples and classes",
      );
    const { temperature: T, alpha } = this;
    const truth = this.loss(student, targets).mul(1 - alpha);
    return truth.add(this.divergence(student, teacher.detach()).mul(alpha * T * T));
  }

  /** KL(softmax(teacher/T) ‖ softmax(student/T)), the mean over rows. */
  divergence(student: Tensor, teacher: Tensor): Tensor {
    const classes = student.shape.at(-1) as number;
    const [s, t] = [student, teacher].map((scores) =>
      logSoftmax(scores.reshape(-1, classes).div(this.temperature), -1),
    );
    return klDiv(s, t, { reduction: "batchmean", logTarget: true });
  }
}

export interface DistillOptions extends DistillationOptions {
  readonly teacher: Module;
  readonly student: Module;
}

/** A student beside its teacher: what `distill` gives. */
export class Distillation extends Module {
  readonly student: Module;
  /** A #private field: the teacher is neither trained nor saved. */
  readonly #teacher: Module;
  readonly #loss: DistillationLoss;
  #scores: { readonly student: Tensor; readonly teacher: Tensor } | null = null;

  constructor(given: DistillOptions) {
    const { teacher, student, ...options } = checked("Distillation", given, [
      "temperature",
      "alpha",
      "loss",
      "teacher",
      "student",
    ]);
    super();
    if (teacher === student)
      throw new RangeError(
        "distill: teacher and student are one model — train another one, for example a pruned copy",
      );
    [this.student, this.#teacher, this.#loss] = [student, teacher, new DistillationLoss(options)];
  }

  /** The student's scores; the teacher's are remembered for the loss. */
  override forward(x: Tensor): Tensor {
    const student = this.student.forward(x);
    using _ = noGrad();
    using __ = evaluating(this.#teacher);
    this.#scores = { student, teacher: this.#teacher.forward(x) };
    return student;
  }

  /** For a `Trainer`: the loss of what `forward` gave last. */
  readonly loss = (scores: Tensor, targets: Tensor): Tensor => {
    const last = this.#scores;
    if (last?.student !== scores)
      throw new TypeError(
        "distill: a loss of scores that this model did not give last — train the model that distill(…) gave, not the student itself",
      );
    this.#scores = null;
    return this.#loss.forward(scores, last.teacher, targets);
  };
}

/**
 * Trains a small model on what a large one says: its probabilities tell more than the true class alone.
 *
 *   const model = distill({ teacher, student, temperature: 4, alpha: 0.9 });
 *   await new Trainer({ model, loss: model.loss, optimizer: new SGD(student.parameters(), { lr: 0.01 }) }).fit(loader);
 *
 * The teacher sees the batch that the student sees, augmented in the same way, in evaluation mode and without gradients.
 *
 * Cost      a forward pass of the teacher for every batch
 * Throws    as `DistillationLoss`
 */
export const distill = (options: DistillOptions): Distillation => new Distillation(options);
