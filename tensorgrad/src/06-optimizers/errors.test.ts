import { describe, expect, it } from "vitest";
import { ones, zeros } from "../01-tensor/index.ts";
import { Adagrad, Adam, AdamW, Muon, RMSprop, SGD } from "./index.ts";

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

  it("memories that never fade", () => {
    expect(() => new RMSprop(p(), { alpha: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RMSprop: alpha = 1 — must be below 1]`,
    );
    expect(() => new Muon([ones([2, 2])], { momentum: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Muon: momentum = 1 — must be below 1]`,
    );
    expect(() => new Muon([ones([2, 2])], { nsSteps: 2.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Muon: nsSteps = 2.5 — must be an integer]`,
    );
    expect(() => new Adagrad(p(), { initialAccumulator: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adagrad: initialAccumulator = -1 — must be a finite number ≥ 0]`,
    );
  });

  it("with Muon, what is no matrix", () => {
    expect(() => new Muon([ones([2, 3]), ones([3])])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Muon: a parameter of shape [3] — only matrices [rows, columns] have a direction to make orthogonal; give biases, gains and embeddings to an AdamW beside it]`,
    );
    expect(() => new Muon([ones([4, 3, 2, 2])])).toThrow("a parameter of shape [4, 3, 2, 2]");
  });

  it("the settings of another optimizer, or impossible ones, in a saved state; lr 0 is what a schedule leaves", () => {
    const [sgd, adam] = [new SGD(p()), new Adam(p())];
    const state = sgd.stateDict();
    const load = (settings: object) => () =>
      sgd.loadStateDict({ ...state, groups: [{ ...state.groups[0], ...settings }] });
    expect(() => sgd.loadStateDict(adam.stateDict() as never)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD.loadStateDict: settings amsgrad, betas, eps, lr, weightDecay, expected dampening, lr, momentum, nesterov, weightDecay — the state of another optimizer]`,
    );
    expect(load({ lr: Number.NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: lr = NaN — a learning rate is a finite number above 0]`,
    );
    expect(load({ momentum: -1 })).toThrow("SGD: momentum = -1");
    expect(sgd.stateDict()).toEqual(state);
    load({ lr: 0 })();
    expect(sgd.groups[0].settings.lr).toBe(0);
  });
});
