import { describe, expect, it } from "vitest";
import { ones, type Tensor, zeros } from "../../src/01-tensor/index.ts";
import {
  Adagrad,
  Adam,
  AdamW,
  Muon,
  type OptimizerState,
  RMSprop,
  SGD,
  type SGDSettings,
} from "../../src/06-optimizers/index.ts";

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

  it("settings that are no numbers, or too few", () => {
    const odd = (settings: object) => () => new SGD(p(), settings);
    expect(odd({ momentum: "0.9" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: momentum = "0.9" — must be a finite number ≥ 0]`,
    );
    expect(() => new SGD([{ params: p(), weightDecay: undefined as unknown as number }])).toThrow(
      "SGD: weightDecay = undefined",
    );
    const betas = [0.9] as unknown as [number, number];
    expect(() => new Adam(p(), { betas })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adam: betas = 0.9 — two numbers, for the means of g and of g²]`,
    );
  });

  it("settings of a group that it does not have", () => {
    const group = { params: p(), learningRate: 0.1 };
    expect(() => new SGD([group])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: SGD: group 0 sets learningRate — settings are lr, momentum, dampening, weightDecay, nesterov]`,
    );
  });

  it("what is no list of parameters or groups", () => {
    const make = (params: unknown) => () => new SGD(params as Tensor[]);
    expect(make({ forward: () => 0 })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: SGD: parameters are no list — pass model.parameters(), or groups { params, … }]`,
    );
    expect(make([{ params: ones([1]) }])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: SGD: group 0 has no list of tensors as params — pass model.parameters(), or groups { params, … }]`,
    );
    expect(make([undefined])).toThrow("SGD: group 0 has no list");
    expect(make([{}])).toThrow("SGD: group 0 has no list");
  });

  it("parameters that are no floats", () => {
    expect(() => new Adam([zeros([2], { dtype: "int32" })])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adam: a parameter of dtype int32 and shape [2] — steps are fractions; it must be float32 or float64]`,
    );
  });

  it("gradients of another shape or dtype, before any parameter has moved", () => {
    const [a, b] = [ones([2], { requiresGrad: true }), ones([2], { requiresGrad: true })];
    const optimizer = new SGD([a, b], { lr: 1 });
    a.grad = ones([2]);
    b.grad = ones([1]);
    expect(() => optimizer.step()).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: SGD.step: gradient float32 [1] of a parameter float32 [2] — both must be of one shape and dtype; leave grad to backward()]`,
    );
    b.grad = ones([2], { dtype: "float64" });
    expect(() => optimizer.step()).toThrow("SGD.step: gradient float64 [2] of a parameter float32 [2]");
    expect(a.toArray()).toEqual([1, 1]);
  });

  it("a state that is none", () => {
    const load = (state: unknown) => () => new SGD(p()).loadStateDict(state as OptimizerState<SGDSettings>);
    expect(load({})).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: SGD.loadStateDict: not { groups, steps, tensors } — expected what stateDict() gave]`,
    );
    expect(load(null)).toThrow("SGD.loadStateDict: not { groups, steps, tensors }");
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
