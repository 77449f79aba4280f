import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { randn } from "../01-tensor/index.ts";
import { relu } from "../02-activations/index.ts";
import { BasicBlock, type BatchNorm2d, ResNet } from "./index.ts";

describe("BasicBlock", () => {
  it("adds what it learned to its input", () => {
    const block = new BasicBlock(4, 4, { random: new Random(1) });
    expect(block.shortcut).toBeNull();
    const x = randn([2, 4, 6, 6], { random: new Random(2) });
    // With the last norm silent, what remains is the input.
    (block.body.layers[4] as BatchNorm2d).weight?.assign([0, 0, 0, 0]);
    expect(block.forward(x).sub(relu(x)).abs().max().item()).toBe(0);
  });

  it("has a shortcut that follows where it changes the shape", () => {
    const block = new BasicBlock(3, 8, { stride: 2, random: new Random(1) });
    expect(block.forward(randn([2, 3, 7, 6])).shape).toEqual([2, 8, 4, 3]);
    expect(Object.keys(block.stateDict())).toContain("shortcut.0.weight");
  });
});

describe("ResNet", () => {
  const count = (model: ResNet) => model.parameters().reduce((sum, { size }) => sum + size, 0);

  it("of 20 layers has the parameters of its paper, and those of the shortcuts' convolutions", () => {
    const model = new ResNet({ widths: [16, 32, 64], blocks: [3, 3, 3], random: new Random(1) });
    // He et al. 2016, table 6: 0.27 M; two shortcuts of 1×1 with norms: 16·32 + 64 and 32·64 + 128.
    expect(count(model)).toBe(269_722 + 16 * 32 + 64 + 32 * 64 + 128);
    expect(model.forward(randn([2, 3, 32, 32], { random: new Random(2) })).shape).toEqual([2, 10]);
  });

  it("starts from the same numbers with the same seed", () => {
    const make = () => new ResNet({ widths: [4, 8], blocks: [1, 2], random: new Random(3) });
    const [a, b] = [make(), make()].map((model) =>
      model.forward(randn([2, 3, 8, 8], { random: new Random(4) })),
    );
    expect([...a.data]).toEqual([...b.data]);
  });

  it("refuses stages without a width or a number of blocks", () => {
    expect(() => new ResNet({ widths: [16, 32] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ResNet: widths [16, 32], blocks [2, 2, 2, 2] — one of each for every stage, whole numbers from 1 on]`,
    );
    expect(() => new ResNet({ widths: [16], blocks: [0] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ResNet: widths [16], blocks [0] — one of each for every stage, whole numbers from 1 on]`,
    );
  });
});
