import type * as main from "tensorgrad";
import { tensor, zeros } from "tensorgrad";
import * as data from "tensorgrad/data";
import * as nn from "tensorgrad/nn";
import { Linear, mse, Parameter, Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { Trainer } from "tensorgrad/train";
import { describe, expect, it } from "vitest";

const model = new Sequential(new Linear(2, 1));
const batches = [{ x: zeros([4, 2]), y: zeros([4, 1]) }];
const trainer = () => new Trainer({ model, optimizer: new SGD(model.parameters(), { lr: 0.1 }), loss: mse });
const any = (value: unknown) => value as never;

describe("options", () => {
  it("that are misspelt are refused, with the one that was meant", async () => {
    await expect(trainer().fit(batches, any({ epoch: 5 }))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: fit: option "epoch" — options are epochs, validation; did you mean epochs?]`,
    );
    await expect(trainer().fit(batches, any(5))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: fit: 5 in place of options — they are an object: { epochs, validation }]`,
    );
    await expect(trainer().fit(batches, any(null))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: fit: null in place of options — they are an object: { epochs, validation }]`,
    );
    expect(() => new SGD(model.parameters(), any({ learningRate: 0.1 }))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: SGD: option "learningRate" — options are lr, momentum, dampening, weightDecay, nesterov; did you mean lr?]`,
    );
    expect(() => new SGD(model.parameters(), any({ weight_decay: 0.1 }))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: SGD: option "weight_decay" — options are lr, momentum, dampening, weightDecay, nesterov; did you mean weightDecay?]`,
    );
    expect(() => new SGD(model.parameters(), any(0.1))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: SGD: 0.1 in place of options — they are an object: { lr, momentum, dampening, weightDecay, nesterov }]`,
    );
    expect(() => new Linear(2, 1, any(false))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Linear: false in place of options — they are an object: { random, bias }]`,
    );
    expect(() => zeros([2], any("int32"))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: zeros: "int32" in place of options — they are an object: { dtype, requiresGrad }]`,
    );
    expect(() => tensor([1, 2]).sum(0, any(true))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: sum: true in place of options — they are an object: { keepDim }]`,
    );
    expect(() => tensor([1, 2]).sum(0, any({ keepdim: true }))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: sum: option "keepdim" — options are keepDim; did you mean keepDim?]`,
    );
    expect(() => new nn.Conv2d(1, 1, 3, any(2))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Conv2d: 2 in place of options — they are an object: { stride, padding, dilation, groups, random, bias, paddingMode }]`,
    );
    expect(
      () => new data.DataLoader(new data.TensorDataset(zeros([2]), zeros([2])), any(32)),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: DataLoader: 32 in place of options — they are an object: { batchSize, shuffle, dropLast, sampler, random, collate, workers, prefetch }]`,
    );
  });

  it("may come from another realm, and may be undefined", () => {
    const bare = Object.assign(Object.create(null), { lr: 0.5, momentum: undefined });
    expect(new SGD(model.parameters(), bare).groups[0].settings).toMatchObject({ lr: 0.5, momentum: 0 });
  });
});

describe("a trainer", () => {
  const make = (parts: object) => () =>
    new Trainer(any({ model, optimizer: new SGD(model.parameters()), loss: mse, ...parts }));

  it("refuses an optimizer of another model", () => {
    const other = new Sequential(new Linear(2, 1));
    expect(make({ optimizer: new SGD(other.parameters()) })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Trainer: the optimizer moves 2 parameters, none of Sequential's 2 — it was made for another model, or before model.to(…) gave this one new parameters; pass model.parameters() of this one]`,
    );
  });

  it("refuses a parameter that nothing depends on, at the first step", async () => {
    const stray = new Parameter(zeros([3]));
    const optimizer = new SGD([...model.parameters(), stray]);
    await expect(make({ optimizer })().fit(batches)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: trainEpoch: the optimizer moves a parameter of shape [3] that is not among Sequential.parameters(), and the loss does not depend on it — it would never get a gradient; make the optimizer of model.parameters()]`,
    );
    expect(model.parameters().every(({ grad }) => grad === null)).toBe(true);
  });

  it("takes one that moves a part of the model, and one that also moves a parameter of the loss", async () => {
    const scale = new Parameter(tensor([1]));
    const loss = (x: main.Tensor, y: main.Tensor) => mse(x, y).mul(scale).sum();
    await make({ optimizer: new SGD([model.parameters()[0], scale]), loss })().fit(batches);
  });

  it("says which part is missing", () => {
    expect(make({ model: undefined })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Trainer: model undefined — a Module, such as new Sequential(…)]`,
    );
    expect(make({ optimizer: 0.1 })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Trainer: optimizer 0.1 — such as new Adam(model.parameters(), { lr: 0.001 })]`,
    );
    expect(make({ loss: "mse" })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Trainer: loss "mse" — a function such as crossEntropy, or an object such as new CrossEntropyLoss()]`,
    );
    expect(make({ schedule: 0.1 })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Trainer: schedule 0.1 — an object with getLr(step), such as new CosineSchedule({ lr, steps })]`,
    );
    expect(make({ callbacks: {} })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Trainer: callbacks {} — a list: [new EarlyStopping()]]`,
    );
    expect(make({ learningRate: 0.1 })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Trainer: option "learningRate" — options are model, optimizer, loss, schedule, metrics, accumulate, clipGradNorm, clipGradValue, regularize, callbacks, onProgress, ranks, precision]`,
    );
    expect(() => new Trainer(any(undefined))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: Trainer: undefined in place of options — they are an object: { model, optimizer, loss, schedule, metrics, accumulate, clipGradNorm, clipGradValue, regularize, callbacks, onProgress, ranks, precision }]`,
    );
  });
});
