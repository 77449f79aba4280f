import { decodeModel, exportOnnx } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { randn, type Tensor, tensor, zeros } from "../../01-tensor/index.ts";
import { Flatten, Linear, Sequential } from "../../03-layers/index.ts";
import { Conv1d, Conv2d, ConvTranspose2d, type PaddingMode } from "../index.ts";

const random = () => new Random(2);

describe("Conv2d", () => {
  it("draws weight and bias from ±1/√fanIn, as PyTorch does", () => {
    const { weight, bias } = new Conv2d(8, 64, [3, 5], { groups: 2, random: random() });
    expect([weight.shape, bias?.shape]).toEqual([[64, 4, 3, 5], [64]]);
    const bound = 1 / Math.sqrt(4 * 3 * 5);
    for (const { data } of [weight, bias as typeof weight]) {
      expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(bound);
      expect(Math.max(...data.map(Math.abs))).toBeGreaterThan(0.9 * bound);
    }
    expect(weight.std().item()).toBeCloseTo(bound / Math.sqrt(3), 2);
  });

  it.each<[PaddingMode, number[]]>([
    ["zeros", [0, 0, 1, 2, 3, 0, 0]],
    ["reflect", [3, 2, 1, 2, 3, 2, 1]],
    ["replicate", [1, 1, 1, 2, 3, 3, 3]],
    ["circular", [2, 3, 1, 2, 3, 1, 2]],
  ])("pads with %s", (paddingMode, row) => {
    const layer = new Conv2d(1, 1, 1, { padding: [0, 2], paddingMode, bias: false });
    layer.weight.assign([1]);
    expect([...layer.forward(tensor([[[[1, 2, 3]]]])).data]).toEqual(row);
    const line = new Conv1d(1, 1, 1, { padding: 2, paddingMode, bias: false });
    line.weight.assign([1]);
    expect([...line.forward(tensor([[[1, 2, 3]]])).data]).toEqual(row);
  });

  it("says what it is", () => {
    expect(String(new Conv2d(3, 8, 3))).toMatchInlineSnapshot(
      `"Conv2d(3 → 8, 3×3) — 224 parameters: weight [8, 3, 3, 3], bias [8]"`,
    );
    expect(
      String(new Conv2d(4, 8, [3, 1], { dilation: [2, 1], padding: "same", groups: 2, bias: false })),
    ).toMatchInlineSnapshot(
      `"Conv2d(4 → 8, 3×1, padding: "same", dilation: [2,1], groups: 2, bias: false) — 48 parameters: weight [8, 2, 3, 1]"`,
    );
    expect(String(new Conv1d(4, 8, 3, { paddingMode: "circular", padding: 1 }))).toMatchInlineSnapshot(
      `"Conv1d(4 → 8, 3, padding: 1, paddingMode: "circular") — 104 parameters: weight [8, 4, 3], bias [8]"`,
    );
    expect(String(new ConvTranspose2d(4, 2, 3, { stride: 2, outputPadding: 1 }))).toMatchInlineSnapshot(
      `"ConvTranspose2d(4 → 2, 3×3, stride: 2, outputPadding: 1) — 74 parameters: weight [4, 2, 3, 3], bias [2]"`,
    );
  });

  it("becomes nodes of ONNX that take any batch", () => {
    const model = new Sequential(new Conv2d(2, 3, 3, { padding: 1 }), new Flatten(), new Linear(48, 2));
    const loss = (y: Tensor) => y.square().sum();
    const bytes = exportOnnx(model, randn([2, 2, 4, 4]), { gradients: { loss } });
    const nodes = decodeModel(bytes).graph?.node ?? [];
    expect(nodes.filter(({ opType }) => opType === "Conv").length).toBe(2);
  });

  it("takes part in float64", () => {
    expect(new Conv2d(1, 1, 3).to("float64").forward(zeros([1, 1, 3, 3], { dtype: "float64" })).dtype).toBe(
      "float64",
    );
  });
});

describe("bad settings and input", () => {
  it("of layers", () => {
    expect(() => new Conv2d(0, 4, 3)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Conv2d(0 → 4): inputs 0 — must be a whole number, 1 or more]`,
    );
    expect(() => new Conv2d(3, 4, 2.5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Conv2d(3 → 4): kernelSize 2.5 — must be a whole number, 1 or more]`,
    );
    expect(() => new Conv2d(3, 4, [3, 0])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Conv2d(3 → 4): kernelSize [3, 0] — must be a whole number, 1 or more]`,
    );
    expect(() => new Conv2d(3, 4, 3, { groups: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Conv2d(3 → 4): 3 channels in and 4 out, with groups 2 — both must divide evenly into the groups]`,
    );
    expect(() => new Conv2d(3, 4, 3, { stride: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Conv2d(3 → 4): stride 0 — must be a whole number, 1 or more, or two of them [height, width]]`,
    );
    expect(() => new Conv2d(3, 4, 3, { padding: "same", stride: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Conv2d(3 → 4): padding "same" with stride 2 — the image keeps its size with stride 1 alone; give the padding as a number]`,
    );
    expect(
      () => new Conv2d(3, 4, 3, { paddingMode: "mirror" as PaddingMode }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Conv2d(3 → 4): paddingMode "mirror" — one of "zeros", "reflect", "replicate", "circular"]`,
    );
    expect(() => new ConvTranspose2d(3, 4, 3, { groups: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ConvTranspose2d(3 → 4): 3 channels in and 4 out, with groups 3 — both must divide evenly into the groups]`,
    );
  });

  it("of images", () => {
    const layer = new Conv2d(3, 8, 3);
    expect(() => layer.forward(zeros([2, 1, 8, 8]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Conv2d(3 → 8, 3×3): input [2, 1, 8, 8] has 1 channel, weight [8, 3, 3, 3] expects 3 — the counts must be equal; a grey image can stand for every channel: x.expand(-1, 3, -1, -1)]`,
    );
    expect(() => layer.forward(zeros([3, 8, 8]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Conv2d(3 → 8, 3×3): expected input [N, 3, H, W], got [3, 8, 8]; a single one needs a batch dim: x.unsqueeze(0)]`,
    );
    expect(() => layer.forward(zeros([2, 3, 2, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Conv2d(3 → 8, 3×3): image 2×2, 2×2 with its padding — the filter 3×3 must fit in it; use a smaller filter or more padding]`,
    );
    const mirrored = new Conv2d(3, 8, 3, { padding: 2, paddingMode: "reflect" });
    expect(() => mirrored.forward(zeros([2, 3, 2, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: pad: padding [2, 2, 2, 2] for a tensor of shape [2, 3, 2, 2] — mode "reflect" finds at most 1 elements beyond dim 2]`,
    );
    expect(() => new Conv1d(3, 8, 3).forward(zeros([2, 3, 8, 8]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: Conv1d(3 → 8, 3): expected input [N, 3, T], got [2, 3, 8, 8]]`,
    );
    expect(() =>
      new ConvTranspose2d(3, 8, 3).forward(zeros([2, 8, 4, 4])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: ConvTranspose2d(3 → 8, 3×3): input [2, 8, 4, 4] has 8 channels, weight [3, 8, 3, 3] expects 3 — the counts must be equal]`,
    );
  });
});
