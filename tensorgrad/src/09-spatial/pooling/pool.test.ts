import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, Random, useKernels } from "../../00-runtime/index.ts";
import { arange, full, randn, type Tensor, tensor, zeros } from "../../01-tensor/index.ts";
import { ReLU } from "../../02-activations/index.ts";
import { Sequential } from "../../03-layers/index.ts";
import { grad } from "../../05-autograd/index.ts";
import { roundings } from "../../agreement/roundings.ts";
import {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  Conv2d,
  MaxPool1d,
  MaxPool2d,
  maxPool1d,
  maxPool2d,
} from "../index.ts";
import { isChannelsLast } from "../layout.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));

// Expected numbers: torch 1.13, for example
//   python3 -c "import torch.nn.functional as F, torch; print(F.avg_pool2d(torch.arange(25.).reshape(1,1,5,5), 3, 2, 1, True))"
const counting = arange(25).to("float32").reshape(1, 1, 5, 5);

describe("maxPool2d", () => {
  it("takes the largest number of every window", () => {
    expect(maxPool2d(counting, 2).toArray()).toEqual([
      [
        [
          [6, 8],
          [16, 18],
        ],
      ],
    ]);
    expect(maxPool2d(counting, [1, 3], { stride: [2, 1] }).toArray()).toEqual([
      [
        [
          [2, 3, 4],
          [12, 13, 14],
          [22, 23, 24],
        ],
      ],
    ]);
  });

  it("rounds the number of windows up with ceilMode, but lets none begin behind the image", () => {
    const line = tensor([[1, 1, 2, 2, -5]]);
    expect(maxPool1d(line, 2, { ceilMode: true }).toArray()).toEqual([[1, 2, -5]]);
    expect(maxPool1d(line, 3, { stride: 2, padding: 1, ceilMode: true }).toArray()).toEqual([[1, 2, 2]]);
    expect(maxPool2d(full([1, 1, 3, 3], 1), 1, { stride: 3, ceilMode: true }).shape).toEqual([1, 1, 1, 1]);
  });

  it("gives the gradient to the first of equals", () => {
    const x = tensor([[2, 2, 1, 3, 3, 3]], { requiresGrad: true });
    maxPool1d(x, 3).sum().backward();
    expect(x.grad?.toArray()).toEqual([[1, 0, 0, 1, 0, 0]]);
  });

  it("lets NaN win, and the last NaN of several", () => {
    const x = tensor(
      [
        [
          [1, NaN, 2, NaN],
          [3, 4, NaN, 5],
        ],
      ],
      { requiresGrad: true },
    );
    const y = maxPool2d(x, 2);
    expect(y.toArray()).toEqual([[[NaN, NaN]]]);
    expect(grad(y, [x], { gradOutputs: tensor([[[1, 2]]]) })[0].toArray()).toEqual([
      [
        [0, 1, 0, 0],
        [0, 0, 2, 0],
      ],
    ]);
  });

  it("finds a place also among −∞", () => {
    const x = full([1, 4], -Infinity, { requiresGrad: true });
    const y = maxPool1d(x, 2);
    expect(y.toArray()).toEqual([[-Infinity, -Infinity]]);
    expect(grad(y, [x], { gradOutputs: tensor([[1, 1]]) })[0].toArray()).toEqual([[1, 0, 1, 0]]);
  });

  it("adds up where windows overlap", () => {
    const x = tensor([[0, 9, 0, 8, 0]], { requiresGrad: true });
    maxPool1d(x, 3, { stride: 1 }).sum().backward();
    expect(x.grad?.toArray()).toEqual([[0, 2, 0, 1, 0]]);
  });

  it("takes integers, empty batches, and a single image", () => {
    expect(maxPool2d(arange(16).reshape(1, 4, 4), 2).toArray()).toEqual([
      [
        [5, 7],
        [13, 15],
      ],
    ]);
    expect(maxPool2d(zeros([0, 3, 4, 4]), 2).shape).toEqual([0, 3, 2, 2]);
    expect(maxPool2d(zeros([2, 0, 4, 4]), 2).shape).toEqual([2, 0, 2, 2]);
  });
});

describe("avgPool2d", () => {
  it("counts padding, but not what lies beyond it", () => {
    const [[rows]] = avgPool2d(counting, 3, {
      stride: 2,
      padding: 1,
      ceilMode: true,
    }).toArray() as number[][][][];
    expect(rows.map((row) => row.map((n) => +n.toFixed(4)))).toEqual([
      [1.3333, 3, 2.6667],
      [7, 12, 9],
      [8, 13, 9.3333],
    ]);
    expect(avgPool2d(counting, 2, { padding: 1, ceilMode: true }).toArray()).toEqual([
      [
        [
          [0, 0.75, 1.75],
          [3.75, 9, 11],
          [8.75, 19, 21],
        ],
      ],
    ]);
  });

  it("counts only pixels, or a number that is given", () => {
    expect(avgPool2d(counting, 3, { stride: 2, padding: 1, countIncludePad: false }).toArray()).toEqual([
      [
        [
          [3, 4.5, 6],
          [10.5, 12, 13.5],
          [18, 19.5, 21],
        ],
      ],
    ]);
    expect(avgPool2d(counting, 2, { divisorOverride: 2 }).toArray()).toEqual([
      [
        [
          [6, 10],
          [26, 30],
        ],
      ],
    ]);
  });
});

describe("adaptive pooling", () => {
  it("divides an image as evenly as whole pixels allow", () => {
    expect(adaptiveMaxPool2d(counting, 3).toArray()).toEqual([
      [
        [
          [6, 8, 9],
          [16, 18, 19],
          [21, 23, 24],
        ],
      ],
    ]);
    expect(adaptiveAvgPool2d(counting, [1, null]).toArray()).toEqual([[[[10, 11, 12, 13, 14]]]]);
    expect(adaptiveAvgPool2d(counting, 1).item()).toBe(12);
    expect(adaptiveAvgPool2d(counting, [7, 1]).shape).toEqual([1, 1, 7, 1]);
  });
});

describe("any memory order", () => {
  /** The same numbers with the channels of a pixel side by side. */
  const channelsLast = (x: Tensor) => x.permute(0, 2, 3, 1).clone().detach().permute(0, 3, 1, 2);

  const pools: Record<string, (x: Tensor) => Tensor> = {
    "maxPool2d 2": (x) => maxPool2d(x, 2),
    "maxPool2d 3": (x) => maxPool2d(x, 3, { stride: 2, padding: 1 }),
    avgPool2d: (x) => avgPool2d(x, 3, { stride: 2, padding: 1 }),
    adaptiveAvgPool2d: (x) => adaptiveAvgPool2d(x, [2, 3]),
    adaptiveMaxPool2d: (x) => adaptiveMaxPool2d(x, [2, 3]),
  };

  for (const choice of ["simd", "reference"] as const) {
    for (const [name, pool] of Object.entries(pools)) {
      it(`gives the same numbers, and answers in kind: ${name} (${choice} kernels)`, () => {
        useKernels(choice);
        const size = fc.integer({ min: 3, max: 9 });
        fc.assert(
          fc.property(fc.integer({ min: 1, max: 18 }), size, size, fc.nat(), (channels, h, w, seed) => {
            const random = new Random(seed);
            const x = randn([2, channels, h, w], { random, requiresGrad: true });
            const last = channelsLast(x.detach()).detach();
            last.requiresGrad = true;
            const [y, z] = [pool(x), pool(last)];
            expect(isChannelsLast(z)).toBe(channels > 1);
            // Sums of one row of a window go along it, or side by side: their rounding may differ.
            const near = (a: Tensor, b: Tensor) => roundings(a.data, b.data, "float32");
            expect(near(y, z)).toBeLessThan(4);
            const v = { gradOutputs: randn(y.shape, { random }) };
            expect(near(grad(y, [x], v)[0], grad(z, [last], v)[0])).toBeLessThan(4);
          }),
          { numRuns: 20 },
        );
      });
    }
  }
});

describe("layers", () => {
  it("print what they do", () => {
    const layers = [
      new MaxPool2d(2),
      new MaxPool2d([2, 3], { stride: 1, padding: [1, 0], ceilMode: true }),
      new MaxPool1d(4, { dilation: 2 }),
      new AvgPool2d(3, { countIncludePad: false }),
      new AdaptiveAvgPool2d(1),
      new AdaptiveMaxPool2d([null, 2]),
    ];
    expect(layers.map(String)).toEqual([
      "MaxPool2d(2)",
      "MaxPool2d([2, 3], stride: 1, padding: [1, 0], ceilMode: true)",
      "MaxPool1d(4, dilation: 2)",
      "AvgPool2d(3, countIncludePad: false)",
      "AdaptiveAvgPool2d(1)",
      "AdaptiveMaxPool2d([null, 2])",
    ]);
  });
});

describe("a convolution, relu and maxPool2d in a Sequential", () => {
  it("pool first, with the same bits forward and backward", () => {
    const size = fc.integer({ min: 4, max: 7 });
    const pools = fc.constantFrom<
      [number, { stride?: number; padding?: number; ceilMode?: boolean; dilation?: number }]
    >([2, {}], [3, { stride: 2, padding: 1, ceilMode: true }], [2, { padding: 1, dilation: 3 }]);
    fc.assert(
      fc.property(size, size, pools, fc.boolean(), fc.nat(), (h, w, [kernel, options], holes, seed) => {
        const random = new Random(seed);
        const layers = [new Conv2d(2, 4, 1, { random }), new ReLU(), new MaxPool2d(kernel, options)] as const;
        const x = randn([2, 2, h, w], { random }).mul(2).round(); // ties
        if (holes) x.data[5] = NaN;
        x.requiresGrad = true;
        const inputs = [x, ...layers[0].parameters()];
        const apart = layers[2].forward(layers[1].forward(layers[0].forward(x)));
        const together = new Sequential(...layers).forward(x);
        const v = { gradOutputs: randn(apart.shape, { random }) };
        expect([...together.data]).toEqual([...apart.data]);
        const [one, other] = [grad(apart, inputs, v), grad(together, inputs, v)];
        const [images, filters, biases] = one.map(({ data }) => [...data]);
        expect([...other[0].data]).toEqual(images);
        expect([...other[1].data]).toEqual(filters);
        // Sums of what comes in over the winners alone, so in another order: each addition of both rounds by half of eps.
        const sizes = v.gradOutputs.abs().sum([0, 2, 3]).data;
        const terms = apart.size / biases.length;
        for (const [channel, bias] of biases.entries()) {
          const off = roundings([other[2].data[channel]], [bias], "float32", sizes[channel]);
          expect(off).toBeLessThanOrEqual(terms);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is relu that comes last then", () => {
    const y = new Sequential(new Conv2d(1, 2, 3), new ReLU(), new MaxPool2d(2)).forward(zeros([1, 1, 6, 6]));
    expect(y.gradFn?.name).toBe("Relu");
  });
});

describe("what does not fit is named", () => {
  const x = zeros([2, 3, 5, 5]);

  it("ranks", () => {
    expect(() => maxPool2d(zeros([5, 5]), 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: maxPool2d: expected images [N, C, H, W] or one [C, H, W], got [5, 5]]`,
    );
    expect(() => adaptiveAvgPool2d(zeros([5]), 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: adaptiveAvgPool2d: expected images [N, C, H, W] or one [C, H, W], got [5]]`,
    );
    expect(() => maxPool1d(zeros([1, 2, 3, 4]), 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: maxPool1d: expected lines [N, C, L] or one [C, L], got [1, 2, 3, 4]]`,
    );
  });

  it("windows larger than the image and its padding", () => {
    expect(() => maxPool2d(x, 6)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: maxPool2d: image 5×5, 5×5 with its padding — the window 6×6 must fit in it; use a smaller kernelSize or a larger image]`,
    );
    expect(() => avgPool2d(x, [2, 9], { padding: [0, 1] })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: avgPool2d: image 5×5, 5×7 with its padding — the window 2×9 must fit in it; use a smaller kernelSize or a larger image]`,
    );
    expect(() => maxPool2d(x, 3, { dilation: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: maxPool2d: image 5×5, 5×5 with its padding — the window 7×7 must fit in it; use a smaller kernelSize or a larger image]`,
    );
    expect(() => maxPool2d(zeros([1, 1, 0, 4]), 1)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: maxPool2d: image 0×4, 0×4 with its padding — the window 1×1 must fit in it; use a smaller kernelSize or a larger image]`,
    );
    expect(() => adaptiveMaxPool2d(zeros([1, 1, 0, 4]), 1)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: adaptiveMaxPool2d: image 0×4 — it needs at least one pixel]`,
    );
  });

  it("settings that are no whole numbers, or too small", () => {
    expect(() => maxPool2d(x, 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: maxPool2d: kernelSize 0 — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => maxPool2d(x, 2.5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: maxPool2d: kernelSize 2.5 — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => new MaxPool2d([2, 2, 2] as never)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MaxPool2d: kernelSize [2, 2, 2] — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => maxPool2d(x, 2, { stride: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: maxPool2d: stride 0 — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => avgPool2d(x, 2, { stride: [1, NaN] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: avgPool2d: stride [1, NaN] — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => maxPool2d(x, 2, { dilation: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: maxPool2d: dilation -1 — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => avgPool2d(x, 2, { divisorOverride: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: avgPool2d: divisorOverride 0 — must be a whole number other than 0]`,
    );
    expect(() =>
      maxPool1d(x.select(0, 0), 2, { stride: [1, 1] as never }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: maxPool1d: stride [1, 1] — must be a whole number, 1 or more]`,
    );
  });

  it("padding that is negative, or more than half a window", () => {
    expect(() => maxPool2d(x, 2, { padding: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: maxPool2d: padding -1 — must be a whole number, 0 or more, or two of them [height, width]]`,
    );
    expect(() => new AvgPool2d(3, { padding: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: AvgPool2d: padding 2 with kernelSize 3 — at most half of the window: one that lies in the padding alone has nothing to choose from]`,
    );
    expect(() => new MaxPool1d(3, { padding: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: MaxPool1d: padding 2 with kernelSize 3 — at most half of the window: one that lies in the padding alone has nothing to choose from]`,
    );
  });

  it("outputs of size 0", () => {
    expect(() => adaptiveAvgPool2d(x, 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: adaptiveAvgPool2d: outputSize 0 — must be a whole number, 1 or more, or two of them [height, width]; null keeps the image's]`,
    );
    expect(() => new AdaptiveMaxPool2d([2, 1.5])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: AdaptiveMaxPool2d: outputSize [2, 1.5] — must be a whole number, 1 or more, or two of them [height, width]; null keeps the image's]`,
    );
  });
});
