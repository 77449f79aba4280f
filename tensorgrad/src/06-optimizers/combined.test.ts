import { describe, expect, it } from "vitest";
import { ones, type Tensor, tensor } from "../01-tensor/index.ts";
import "tensorgrad";
import { AdamW, CombinedOptimizer, Muon, type OptimizerState, SGD } from "./index.ts";

describe("CombinedOptimizer", () => {
  const make = () => {
    const [w, b, c] = [
      tensor([
        [1, 2],
        [3, 5],
      ]),
      tensor([1, 2]),
      tensor([3]),
    ].map((values) => tensor(values.toArray(), { requiresGrad: true }));
    const members = [
      new Muon([w], { lr: 0.1 }),
      new AdamW([{ params: [b] }, { params: [c], lr: 0.3 }], { lr: 0.2 }),
    ];
    return { parameters: [w, b, c], members, both: new CombinedOptimizer(...members) };
  };
  const step = (parameters: Tensor[], optimizers: readonly { step(): void; zeroGrad(): void }[]): void => {
    for (const optimizer of optimizers) optimizer.zeroGrad();
    for (const p of parameters) p.square().sum().backward();
    for (const optimizer of optimizers) optimizer.step();
  };
  const numbers = (tensors: readonly Tensor[]) => tensors.map(({ data }) => [...data]);

  it("moves parameters as its members do", () => {
    const [together, apart] = [make(), make()];
    for (let i = 0; i < 3; i++) {
      step(together.parameters, [together.both]);
      step(apart.parameters, apart.members);
    }
    expect(numbers(together.parameters)).toEqual(numbers(apart.parameters));
    expect(together.both.groups.map(({ settings }) => settings.lr)).toEqual([0.1, 0.2, 0.3]);
  });

  it("resumes to the bit from a saved state", () => {
    const first = make();
    for (let i = 0; i < 3; i++) step(first.parameters, [first.both]);
    const state = first.both.stateDict();
    expect(Object.keys(state.tensors)).toEqual(["0.momentum", "1.m", "1.v", "2.m", "2.v"]);
    const second = make();
    second.both.loadStateDict(state);
    for (const [i, p] of second.parameters.entries()) p.assign(first.parameters[i]);
    for (const { parameters, both } of [first, second]) step(parameters, [both]);
    expect(numbers(second.parameters)).toEqual(numbers(first.parameters));
  });

  it("refuses a state that one of its members refuses, and changes nothing", () => {
    const { both, members } = make();
    const state = both.stateDict();
    const refuse = (wrong: Partial<OptimizerState<{ lr: number }>>) =>
      expect(() =>
        both.loadStateDict({
          ...state,
          groups: [{ ...state.groups[0], lr: 9 }, ...state.groups.slice(1)],
          ...wrong,
        }),
      );
    const { "2.v": _, ...fewer } = state.tensors;
    refuse({ tensors: fewer }).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: AdamW.loadStateDict: 1.v is nothing, expected [1] — the state of another optimizer or model]`,
    );
    refuse({ tensors: { ...state.tensors, "3.v": ones([1]) } }).toThrow("2.v is [1], expected nothing");
    refuse({ steps: [0, 0] }).toThrow("the state of another optimizer");
    expect(members[0].groups[0].settings.lr).toBe(0.1);
  });

  it("refuses a parameter that two would move", () => {
    const p = ones([2], { requiresGrad: true });
    expect(() => new CombinedOptimizer(new SGD([p]), new AdamW([p]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CombinedOptimizer: a parameter of shape [2] belongs to two optimizers — each may be moved once per step]`,
    );
    expect(() => new CombinedOptimizer()).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: CombinedOptimizer: no optimizers — pass two or more]`,
    );
  });
});
