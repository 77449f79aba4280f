import { describe, expect, it } from "vitest";
import { ones, zeros } from "../01-tensor/index.ts";
import { Adam, AdamW, SGD } from "./index.ts";

describe("optimizers refuse", () => {
  const p = () => [ones([1], { requiresGrad: true })];

  it("learning rates that teach nothing, or the opposite", () => {
    expect(() => new SGD(p(), { lr: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: lr = 0 — a learning rate is a finite number above 0]`,
    );
    expect(() => new Adam(p(), { lr: -0.1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adam: lr = -0.1 — a learning rate is a finite number above 0]`,
    );
    for (const lr of [NaN, Infinity])
      expect(() => new AdamW(p(), { lr })).toThrow(`AdamW: lr = ${lr} — a learning rate`);
    expect(() => new SGD([{ params: p(), lr: -1 }])).toThrow("SGD: lr = -1");
  });

  it("other settings that are negative or NaN", () => {
    expect(() => new SGD(p(), { momentum: -0.9 })).toThrow("momentum = -0.9");
    expect(() => new SGD(p(), { weightDecay: NaN })).toThrow("weightDecay = NaN");
    expect(() => new Adam(p(), { eps: -1e-8 })).toThrow("eps = -1e-8");
  });

  it("betas of 1 and above, in groups too", () => {
    expect(() => new Adam(p(), { betas: [0.9, 1] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adam: betas = 0.9, 1 — each must be below 1]`,
    );
    expect(() => new AdamW(p(), { betas: [-0.1, 0.9] })).toThrow("betas = -0.1, 0.9 — must be");
    expect(() => new Adam([{ params: p(), betas: [1.5, 0.9] }])).toThrow("each must be below 1");
  });

  it("nesterov without momentum, or with dampening, in groups too", () => {
    expect(() => new SGD(p(), { nesterov: true })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: nesterov with momentum = 0, dampening = 0 — it needs momentum > 0 and dampening = 0]`,
    );
    expect(() => new SGD(p(), { nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow(
      "it needs momentum > 0",
    );
    expect(() => new SGD([{ params: p(), nesterov: true }])).toThrow("it needs momentum > 0");
  });

  it("nothing to optimize", () => {
    expect(() => new SGD([])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: no parameters — pass model.parameters()]`,
    );
    expect(() => new SGD([{ params: [] }])).toThrow("no parameters");
  });

  it("a parameter twice, in two groups or in one", () => {
    const [shared] = p();
    expect(() => new SGD([shared, shared])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: a parameter of shape [1] appears twice — each may be moved once per step]`,
    );
    expect(() => new SGD([{ params: [shared] }, { params: [shared] }])).toThrow("appears twice");
  });

  it("tensors without memory of their own", () => {
    expect(() => new SGD([zeros([2, 3], { requiresGrad: true }).mul(2)])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: a tensor of shape [2, 3] that is computed or a strided view — parameters are leaves with memory of their own]`,
    );
    expect(() => new SGD([zeros([2, 3]).t()])).toThrow("a strided view");
  });
});
