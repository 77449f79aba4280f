import { describe, expect, it } from "vitest";
import { leaf, slopeAlong } from "../../../tests/gradients.fixture.ts";
import { Random } from "../../00-runtime/index.ts";
import { ones, randn, type Tensor, tensor, zeros } from "../../01-tensor/index.ts";
import { grad } from "../../05-autograd/index.ts";
import { conv1d, conv2d, convTranspose2d } from "../index.ts";

const double = { dtype: "float64" } as const;
const random = () => new Random(9);
const images = (rows: number[][]) => tensor([[rows]], double);

describe("conv2d", () => {
  it("lays the filter on every place of the image and sums the products", () => {
    const x = images([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    const w = images([
      [1, 0],
      [0, -1],
    ]);
    // 1 − 5, 2 − 6, …: the filter is not turned round
    expect(conv2d(x, w).toArray()).toEqual([
      [
        [
          [-4, -4],
          [-4, -4],
        ],
      ],
    ]);
    expect(conv2d(x, w, tensor([10], double)).toArray()).toEqual([
      [
        [
          [6, 6],
          [6, 6],
        ],
      ],
    ]);
  });

  it("sums over the channels of a group", () => {
    const x = tensor([[[[1]], [[10]], [[100]], [[1000]]]], double);
    const w = tensor([1, 2, 3, 4], double);
    expect(conv2d(x, w.reshape(1, 4, 1, 1)).toArray()).toEqual([[[[4321]]]]);
    expect(conv2d(x, w.reshape(2, 2, 1, 1), null, { groups: 2 }).data).toEqual(Float64Array.of(21, 4300));
    expect(conv2d(x, w.reshape(4, 1, 1, 1), null, { groups: 4 }).data).toEqual(
      Float64Array.of(1, 20, 300, 4000),
    );
  });

  it("takes stride, padding and dilation per axis", () => {
    const x = images([[1, 2, 3, 4, 5]]);
    const w = images([[1, 1]]);
    const row = (options: Parameters<typeof conv2d>[3]) => [...conv2d(x, w, null, options).data];
    expect(row({ stride: [1, 2] })).toEqual([3, 7]);
    expect(row({ padding: [0, 1] })).toEqual([1, 3, 5, 7, 9, 5]);
    expect(row({ dilation: [1, 3] })).toEqual([5, 7]);
    expect(row({ stride: [1, 3], padding: [0, 2], dilation: [1, 2] })).toEqual([1, 6, 5]);
  });

  it('keeps the size of the image with padding "same", the odd zero at the end', () => {
    const x = images([[1, 2, 3]]);
    expect([...conv2d(x, images([[1, 10]]), null, { padding: "same" }).data]).toEqual([21, 32, 3]);
    const shape = conv2d(zeros([1, 1, 5, 7]), zeros([1, 1, 3, 4]), null, {
      padding: "same",
      dilation: 2,
    }).shape;
    expect(shape).toEqual([1, 1, 5, 7]);
  });

  it("reads strided images and filters, and an empty batch", () => {
    const x = randn([2, 5, 4, 3], { ...double, random: random() });
    const w = randn([2, 2, 6, 3], { ...double, random: random() });
    const [xs, ws] = [x.permute(0, 3, 2, 1), w.permute(2, 3, 0, 1)];
    expect([...conv2d(xs, ws).data]).toEqual([...conv2d(xs.clone(), ws.clone()).data]);
    expect(conv2d(zeros([0, 3, 4, 4]), zeros([2, 3, 3, 3])).shape).toEqual([0, 2, 2, 2]);
  });

  it("agrees with finite differences of second order, in every combination of options", () => {
    for (const options of variants)
      second(conv2d, [2, 4, 6, 5], [4, 4 / (options.groups ?? 1), 3, 2], options);
  });

  it("needs no gradient of an image that wants none", () => {
    const [x, w] = [ones([1, 1, 3, 3]), ones([1, 1, 2, 2])];
    w.requiresGrad = true;
    conv2d(x, w).sum().backward();
    expect(w.grad?.toArray()).toEqual([
      [
        [
          [4, 4],
          [4, 4],
        ],
      ],
    ]);
    expect(x.grad).toBeNull();
  });
});

describe("convTranspose2d", () => {
  it("spreads every element over the field of the filter", () => {
    const y = convTranspose2d(images([[1, 2]]), images([[1, 10, 100]]), tensor([0.5], double), {
      stride: [1, 2],
    });
    expect([...y.data]).toEqual([1.5, 10.5, 102.5, 20.5, 200.5]);
  });

  it("cuts off its padding and adds outputPadding at the end", () => {
    const of = (options: object) => [
      ...convTranspose2d(images([[1, 2]]), images([[1, 10, 100]]), null, options).data,
    ];
    expect(of({ stride: [1, 2], padding: [0, 1] })).toEqual([10, 102, 20]);
    expect(of({ stride: [1, 2], padding: [0, 1], outputPadding: [0, 1] })).toEqual([10, 102, 20, 200]);
  });

  it("is the transpose of conv2d: ⟨conv(x), g⟩ = ⟨x, convTranspose(g)⟩", () => {
    for (const options of variants) {
      const groups = options.groups ?? 1;
      const x = randn([2, 4, 6, 5], { ...double, random: random() });
      const w = randn([6, 4 / groups, 3, 2], { ...double, random: random() });
      const y = conv2d(x, w, null, options);
      const g = randn(y.shape, { ...double, random: random() });
      const [stride, padding, dilation] = [options.stride ?? 1, options.padding ?? 0, options.dilation ?? 1];
      const bare = convTranspose2d(g, w, null, { stride, padding, dilation, groups });
      const outputPadding = [0, 1].map((d) => x.shape[2 + d] - bare.shape[2 + d]) as [number, number];
      const back = convTranspose2d(g, w, null, { stride, padding, dilation, groups, outputPadding });
      expect(back.shape).toEqual(x.shape);
      expect(x.mul(back).sum().item()).toBeCloseTo(y.mul(g).sum().item(), 10);
    }
  });

  it("agrees with finite differences of second order, in every combination of options", () => {
    for (const options of variants)
      second(convTranspose2d, [2, 4, 3, 4], [4, 4 / (options.groups ?? 1), 3, 3], options);
  });
});

describe("conv1d", () => {
  it("is a convolution along a line", () => {
    const x = tensor([[[1, 2, 3, 4]]], double);
    expect(conv1d(x, tensor([[[1, 1]]], double), tensor([1], double), { stride: 2 }).toArray()).toEqual([
      [[4, 8]],
    ]);
    expect(conv1d(x, tensor([[[1, 10]]], double), null, { padding: "same" }).toArray()).toEqual([
      [[21, 32, 43, 4]],
    ]);
    expect(conv1d(x, tensor([[[1, 10]]], double), null, { padding: 2, dilation: 3 }).shape).toEqual([
      1, 1, 5,
    ]);
  });
});

describe("bad input", () => {
  const x = zeros([2, 3, 8, 8]);
  const w = zeros([4, 3, 3, 3]);

  it("of another rank or kind", () => {
    expect(() => conv2d(zeros([3, 8, 8]), w)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: expected input [N, 3, H, W], got [3, 8, 8]; a single one needs a batch dim: x.unsqueeze(0)]`,
    );
    expect(() => conv2d(zeros([8, 8]), w)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: expected input [N, 3, H, W], got [8, 8]]`,
    );
    expect(() => conv2d([[1]] as unknown as Tensor, w)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: conv2d: input is a list — expected a tensor [N, 3, H, W]; make one with tensor(…)]`,
    );
    expect(() => conv2d(x, zeros([3, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: weight [3, 3] — must be [O, C/groups, K, L], each size 1 or more]`,
    );
    expect(() => conv2d(x, zeros([4, 3, 0, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: weight [4, 3, 0, 3] — must be [O, C/groups, K, L], each size 1 or more]`,
    );
    expect(() => conv2d(x.to("float64"), w)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: conv2d: input float64, weight float32 — both must be the same; use x.to("float32") or model.to("float64")]`,
    );
    expect(() => conv1d(zeros([3, 8]), zeros([4, 3, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv1d: expected input [N, 3, T], got [3, 8]; a single one needs a batch dim: x.unsqueeze(0)]`,
    );
    expect(() => conv1d(zeros([1, 2, 8]), zeros([4, 3, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv1d: input [1, 2, 8] has 2 channels, weight [4, 3, 3] expects 3 — the counts must be equal]`,
    );
  });

  it("with channels that do not fit", () => {
    expect(() => conv2d(zeros([2, 1, 8, 8]), w)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: input [2, 1, 8, 8] has 1 channel, weight [4, 3, 3, 3] expects 3 — the counts must be equal; a grey image can stand for every channel: x.expand(-1, 3, -1, -1)]`,
    );
    expect(() => conv2d(zeros([2, 8, 8, 3]), w)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: input [2, 8, 8, 3] has 8 channels, weight [4, 3, 3, 3] expects 3 — the counts must be equal; channels come second here: x.permute(0, 3, 1, 2)]`,
    );
    expect(() => conv2d(zeros([2, 5, 8, 8]), w)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: input [2, 5, 8, 8] has 5 channels, weight [4, 3, 3, 3] expects 3 — the counts must be equal]`,
    );
    expect(() => conv2d(x, zeros([4, 1, 3, 3]), null, { groups: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: weight [4, 1, 3, 3] with groups 3 — its first size, 4, must divide evenly into the groups]`,
    );
    expect(() => conv2d(x, zeros([4, 3, 3, 3]), null, { groups: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: input [2, 3, 8, 8] has 3 channels, weight [4, 3, 3, 3] with groups 2 expects 6 — the counts must be equal]`,
    );
    expect(() => conv2d(x, w, zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: bias [3] for weight [4, 3, 3, 3] — one number per output channel, [4]]`,
    );
    expect(() => convTranspose2d(x, w)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: convTranspose2d: input [2, 3, 8, 8] has 3 channels, weight [4, 3, 3, 3] expects 4 — the counts must be equal]`,
    );
  });

  it("with filters that are too large, and nothing left of the image", () => {
    expect(() => conv2d(zeros([2, 3, 2, 8]), w)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: image 2×8, 2×8 with its padding — the filter 3×3 must fit in it; use a smaller filter or more padding]`,
    );
    expect(() =>
      conv2d(zeros([2, 3, 4, 4]), w, null, { dilation: 3, padding: 1 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: conv2d: image 4×4, 6×6 with its padding — the filter 3×3, spread to 7×7 by its dilation, must fit in it; use a smaller filter or more padding]`,
    );
    expect(() =>
      convTranspose2d(zeros([1, 4, 1, 1]), w, null, { padding: 2 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: convTranspose2d: images 1×1 become -1×-1 — sizes must be 1 or more; use less padding]`,
    );
  });

  it("with options that are no whole numbers, or too small", () => {
    expect(() => conv2d(x, w, null, { stride: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: conv2d: stride 0 — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => conv2d(x, w, null, { stride: [1, 0.5] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: conv2d: stride [1, 0.5] — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => conv2d(x, w, null, { padding: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: conv2d: padding -1 — must be a whole number, 0 or more, or two of them [height, width], or "same"]`,
    );
    expect(() => conv2d(x, w, null, { dilation: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: conv2d: dilation NaN — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => conv2d(x, w, null, { groups: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: conv2d: groups 0 — must be a whole number, 1 or more]`,
    );
    expect(() => conv2d(x, w, null, { padding: "same", stride: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: conv2d: padding "same" with stride 2 — the image keeps its size with stride 1 alone; give the padding as a number]`,
    );
    expect(() =>
      convTranspose2d(zeros([1, 4, 1, 1]), w, null, { outputPadding: 1 }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convTranspose2d: outputPadding 1 — must be a whole number, 0 or more, and below the stride or the dilation (here below 1×1)]`,
    );
  });
});

interface Variant {
  readonly stride?: number | [number, number];
  readonly padding?: number | [number, number];
  readonly dilation?: number | [number, number];
  readonly groups?: number;
}

const variants: readonly Variant[] = [
  {},
  { padding: 1 },
  { stride: 2 },
  { stride: [2, 1], padding: [1, 0] },
  { stride: 3, padding: 2 },
  { dilation: [2, 1], padding: 1 },
  { dilation: 2, padding: 2, stride: 2 },
  { groups: 2, padding: 1 },
  { groups: 2, stride: 2, padding: 1 },
];

/** The gradient of a scalar of the gradients: every one of the three convolutions is differentiated. */
function second(
  fn: typeof conv2d | typeof convTranspose2d,
  xShape: number[],
  wShape: number[],
  options: Variant,
): void {
  const of = (shape: number[]) => {
    const t = randn(shape, { ...double, random: random() });
    t.requiresGrad = true;
    return t;
  };
  const [x, w] = [of(xShape), of(wShape)];
  const b = of([fn === conv2d ? wShape[0] : wShape[1] * (options.groups ?? 1)]);
  const inputs = [x, w, b];
  const value = (...[x, w, b]: Tensor[]) => fn(x, w, b, options).tanh().sum();
  const slope = (...at: Tensor[]) => {
    const gradients = grad([value(...at)], at, { createGraph: true });
    return gradients.map((g) => g.square().sum()).reduce((a, b) => a.add(b));
  };
  for (const f of [value, slope]) {
    const gradients = grad([f(...inputs)], inputs);
    inputs.forEach((input, i) => {
      const v = randn(input.shape, { ...double, random: new Random(3) });
      const moved = (t: Tensor) => f(...inputs.with(i, t).map(leaf)).item();
      const slope = slopeAlong(moved, input.detach(), v);
      const analytic = gradients[i].mul(v).sum().item();
      expect(Math.abs(slope - analytic)).toBeLessThan(1e-6 * Math.max(1, Math.abs(analytic)));
    });
  }
}
