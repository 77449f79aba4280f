import fc from "fast-check";
import { Random, randn, tensor, zeros } from "tensorgrad";
import { Dropout, Linear, Sequential } from "tensorgrad/nn";
import { Adam, SGD } from "tensorgrad/optim";
import { Trainer } from "tensorgrad/train";
import { describe, expect, it } from "vitest";
import { DistillationLoss, distill } from "./distill.ts";

const double = { dtype: "float64" } as const;

describe("DistillationLoss", () => {
  it("is T² times the divergence of softened scores, and the truth beside it", () => {
    const { log } = Math;
    const divergence = 0.75 * log(0.75 / 0.5) + 0.25 * log(0.25 / 0.5);
    const [student, teacher] = [tensor([[0, 0]], double), tensor([[2 * log(3), 0]], double)];
    const y = tensor([0], { dtype: "int32" });
    const loss = (options: object) => new DistillationLoss(options).forward(student, teacher, y).item();
    expect(loss({ temperature: 2, alpha: 1 })).toBeCloseTo(4 * divergence, 12);
    expect(loss({ temperature: 2, alpha: 0 })).toBeCloseTo(log(2), 12);
    expect(loss({ temperature: 2, alpha: 0.25 })).toBeCloseTo(divergence + 0.75 * log(2), 12);
  });

  it("pulls scores towards the teacher's, as squares do, when the temperature is high", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 2, max: 6 }), (seed, classes) => {
        const random = new Random(seed);
        const centred = () => {
          const x = randn([3, classes], { random, ...double });
          return x.sub(x.mean(1, { keepDim: true }));
        };
        const [s, t] = [centred().clone(), centred()];
        s.requiresGrad = true;
        const y = tensor([0, 0, 1], { dtype: "int32" });
        new DistillationLoss({ temperature: 1e5, alpha: 1 }).forward(s, t, y).backward();
        const expected = s
          .detach()
          .sub(t)
          .div(3 * classes); // Hinton, Vinyals & Dean 2015, equation 4
        expect(s.grad?.sub(expected).abs().max().item()).toBeLessThan(1e-4);
      }),
    );
  });

  it("takes scores of sequences, with a loss for them", () => {
    const random = new Random(1);
    const [s, t] = [randn([2, 3, 4], { random }), randn([2, 3, 4], { random })];
    const flat = new DistillationLoss({ alpha: 1 });
    const truth = () => zeros([]);
    const value = new DistillationLoss({ alpha: 1, loss: truth }).forward(s, t, zeros([2, 3])).item();
    expect(value).toBeCloseTo(
      flat.forward(s.flatten(0, 1), t.flatten(0, 1), zeros([6], { dtype: "int32" })).item(),
      6,
    );
  });

  it("refuses what cannot be compared", () => {
    const y = tensor([0], { dtype: "int32" });
    const loss = new DistillationLoss();
    expect(() => loss.forward(zeros([1, 10]), zeros([1, 100]), y)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: distill: scores [1, 10] of the student, [1, 100] of the teacher — both must score the same examples and classes]`,
    );
    expect(() => new DistillationLoss({ temperature: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: distill: temperature 0 — scores are divided by a finite number above 0]`,
    );
    expect(() => new DistillationLoss({ alpha: 1.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: distill: alpha 1.5 — the teacher's weight is from 0 (none) to 1 (all)]`,
    );
  });
});

describe("distill", () => {
  const random = new Random(2);
  const teacher = new Sequential(new Linear(4, 3, { random }), new Dropout(0.5));
  const x = randn([64, 4], { random });
  const y = zeros([64], { dtype: "int32" }); // says nothing

  it("teaches a student what its teacher knows, which itself stays as it is", async () => {
    const student = new Linear(4, 3, { random });
    const model = distill({ teacher, student, temperature: 2, alpha: 1 });
    const before = teacher.layers[0].toString();
    const weights = (teacher.layers[0] as Linear).weight.toArray();
    const optimizer = new Adam(student.parameters(), { lr: 0.1 });
    await new Trainer({ model, optimizer, loss: model.loss }).fit([{ x, y }], { epochs: 60 });
    const [mine, its] = [student, teacher.eval()].map((one) => one.forward(x).argmax(1));
    expect(mine.eq(its).sum().item()).toBeGreaterThan(60); // of 64
    expect((teacher.layers[0] as Linear).weight.toArray()).toEqual(weights);
    expect(teacher.layers[0].toString()).toBe(before);
    expect(model.parameters()).toEqual(student.parameters());
    expect(teacher.parameters().every(({ grad }) => grad === null)).toBe(true);
  });

  it("asks the teacher in evaluation mode, and leaves its mode as it was", () => {
    teacher.train();
    const student = new Linear(4, 3, { random });
    const model = distill({ teacher, student, alpha: 1 });
    const losses = [1, 2].map(() => model.loss(model.forward(x), y).item());
    expect(losses[0]).toBe(losses[1]); // dropout would differ
    expect(teacher.layers.every((layer) => !("training" in layer) || layer.training)).toBe(true);
  });

  it("refuses a model as its own teacher, other classes, and scores of another model", async () => {
    const student = new Linear(4, 3);
    expect(() => distill({ teacher, student: teacher })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: distill: teacher and student are one model — train another one, for example a pruned copy]`,
    );
    const model = distill({ teacher, student });
    const scores = student.forward(x);
    expect(() => model.loss(scores, y)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: distill: a loss of scores that this model did not give last — train the model that distill(…) gave, not the student itself]`,
    );
    const wide = new Linear(4, 5);
    const other = distill({ teacher, student: wide });
    const optimizer = new SGD(wide.parameters(), { lr: 0.1 });
    await expect(
      new Trainer({ model: other, optimizer, loss: other.loss }).fit([{ x, y }]),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: distill: scores [64, 5] of the student, [64, 3] of the teacher — both must score the same examples and classes]`,
    );
  });
});
