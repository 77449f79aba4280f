import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { randn, recordAll, zeros } from "../01-tensor/index.ts";
import { Conv2d } from "../09-spatial/index.ts";
import { QuantizedConv2d } from "./conv2d.ts";

describe("QuantizedConv2d", () => {
  it("is the convolution of the numbers that its integers stand for", () => {
    const settings = fc.record({
      stride: fc.constantFrom(1, 2, [1, 2] as const),
      padding: fc.constantFrom(0, 1, [2, 1] as const),
      dilation: fc.constantFrom(1, 2),
      bits: fc.constantFrom(7, 8 as const),
      range: fc.constantFrom(null, { low: -1, high: 2 }),
      channels: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(settings, fc.nat(), ({ channels, bits, range, ...options }, seed) => {
        const random = new Random(seed);
        const conv = new Conv2d(channels, 6, [3, 2], { ...options, random });
        const layer = new QuantizedConv2d(conv, { bits, range });
        const x = randn([2, channels, 7, 8], { random });
        const [y, truth] = [layer.forward(x), recordAll(() => layer.forward(x)).detach()];
        expect(y.shape).toEqual(conv.forward(x).shape);
        expect(y.sub(truth).abs().max().item()).toBeLessThan(1e-5);
      }),
      { numRuns: 25 },
    );
  });

  it('stays near the convolution in float32, also with padding "same"', () => {
    const random = new Random(1);
    const conv = new Conv2d(8, 12, 3, { padding: "same", random });
    const x = randn([3, 8, 9, 9], { random });
    const truth = conv.forward(x).detach();
    const off = new QuantizedConv2d(conv).forward(x).sub(truth);
    const relative = off.square().mean().sqrt().item() / truth.square().mean().sqrt().item();
    expect(relative).toBeLessThan(0.02);
  });

  it("gives an image the same bits alone and among others", () => {
    const random = new Random(2);
    const layer = new QuantizedConv2d(new Conv2d(3, 4, 3, { random }));
    const x = randn([3, 3, 6, 6], { random });
    const whole = layer.forward(x);
    for (let n = 0; n < 3; n++)
      expect([...layer.forward(x.narrow(0, n, 1)).data]).toEqual([...whole.select(0, n).data]);
  });

  it("refuses what it does not compute", () => {
    const layer = new QuantizedConv2d(new Conv2d(3, 4, 3));
    expect(() => layer.forward(zeros([2, 4, 8, 8]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: QuantizedConv2d(3 → 4, 3×3): expected images [N, 3, H, W], got [2, 4, 8, 8]]`,
    );
    expect(() => layer.forward(zeros([2, 3, 2, 8]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: QuantizedConv2d(3 → 4, 3×3): image 2×8, 2×8 with its padding — the filter 3×3 must fit in it; use a smaller filter or more padding]`,
    );
    const grouped = new Conv2d(4, 4, 3, { groups: 2 });
    expect(() => new QuantizedConv2d(grouped)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: QuantizedConv2d(4 → 4, 3×3): groups 2, paddingMode "zeros" — only one group and zeros are computed in integers; leave this layer in float32]`,
    );
  });
});
