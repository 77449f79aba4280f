import { describe, expect, it } from "vitest";
import { decode, encode, kernelChoice, Random, useKernels } from "../../../00-runtime/index.ts";
import { arange, eye, fromArray, full, rand, tensor, zeros } from "../../index.ts";

const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
const wordsOf = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length);
const forms = kernelChoice() === "simd" ? (["simd", "reference"] as const) : (["reference"] as const);

describe.each(forms)("conversion by %s kernels", (form) => {
  describe.each(["float16", "bfloat16"] as const)("%s", (dtype) => {
    it("widens every pattern, and narrows it to the same bits, payloads of NaN included", () => {
      const found = withKernels(form, () => {
        const x = zeros([all.length], { dtype });
        x.bits.set(all);
        const wide = x.to("float32");
        return { wide: wordsOf(wide.data as Float32Array).slice(), back: wide.to(dtype).bits.slice() };
      });
      const wanted = new Float32Array(all.length);
      decode(all, dtype, wanted);
      expect(firstDifference(found.wide, wordsOf(wanted))).toBe(-1);
      expect(firstDifference(found.back as Uint16Array, all)).toBe(-1);
    });

    it("rounds any float32 as the definition does, whatever its bits", () => {
      const random = new Random(7);
      const words = Uint32Array.from({ length: 200_003 }, () => Math.floor(random.uniform() * 2 ** 32));
      const x = zeros([words.length]);
      wordsOf(x.data as Float32Array).set(words);
      const wanted = new Uint16Array(words.length);
      encode(x.data, dtype, wanted);
      const found = withKernels(form, () => x.to(dtype).bits) as Uint16Array;
      expect(firstDifference(found, wanted)).toBe(-1);
    });
  });
});

describe("tensors of 16 bits", () => {
  it("are made, printed and read as numbers", () => {
    const x = tensor(
      [
        [0.1, 65519],
        [-1e-8, 65520],
      ],
      { dtype: "float16" },
    );
    expect(String(x)).toMatchInlineSnapshot(`
      "tensor([[0.099976, 65504],
              [0, Infinity]], float16)"
    `);
    expect(x.toArray()).toEqual([
      [0.0999755859375, 65504],
      [-0, Infinity],
    ]);
    expect(x.select(0, 0).select(0, 0).item()).toBe(0.0999755859375);
    expect(x.data).toEqual(Float32Array.of(0.0999755859375, 65504, -0, Infinity));
    expect(x.t().data).toEqual(Float32Array.of(0.0999755859375, -0, 65504, Infinity));
    expect(x.bits).toEqual(Uint16Array.of(0x2e66, 0x7bff, 0x8000, 0x7c00));
    expect(x.storage.view.byteLength).toBe(8);
  });

  it("convert from and to every dtype, and through strides", () => {
    const x = fromArray([-1.5, 0, 2, 300], [2, 2]);
    for (const dtype of ["float16", "bfloat16"] as const) {
      const half = x.t().to(dtype);
      expect(half.toArray()).toEqual([
        [-1.5, 2],
        [0, 300],
      ]);
      for (const other of [
        "float64",
        "float32",
        "int32",
        "int8",
        "uint8",
        "bool",
        "float16",
        "bfloat16",
      ] as const)
        expect(half.to(other).toArray(), other).toEqual(x.t().to(other).toArray());
      expect(half.select(1, 1).to("float32").toArray()).toEqual([2, 300]);
      expect(half.unsqueeze(0).expand(2, 2, 2).select(2, 0).to("float32").toArray()).toEqual([
        [-1.5, 0],
        [-1.5, 0],
      ]);
    }
    expect(
      tensor([1 + 2 ** -11 + 2 ** -40], { dtype: "float64" })
        .to("float16")
        .item(),
    ).toBe(1 + 2 ** -10);
    expect(tensor([70_000], { dtype: "int32" }).to("bfloat16").item()).toBe(70_144);
  });

  it("are written as numbers: assign, fill, eye, arange, rand below 1", () => {
    const x = zeros([2, 3], { dtype: "bfloat16" });
    x.assign([1, 2, 3, 4, 5, 256.5]);
    expect(x.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 256],
    ]);
    x.t().select(0, 1).assign([7, 8]);
    expect(x.toArray()).toEqual([
      [1, 7, 3],
      [4, 8, 256],
    ]);
    expect(full([2], 0.1, { dtype: "float16" }).toArray()).toEqual([0.0999755859375, 0.0999755859375]);
    expect(eye(2, { dtype: "float16" }).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(arange(0, 3, 1, { dtype: "bfloat16" }).toArray()).toEqual([0, 1, 2]);
    const draws = rand([10_000], { dtype: "bfloat16", random: new Random(3) });
    expect([draws.max().item(), draws.min().item()]).toEqual([255 / 256, 0]);
  });
});

const firstDifference = (a: Uint16Array | Uint32Array, b: ArrayLike<number>) =>
  a.findIndex((bits, i) => bits !== b[i]);

function withKernels<T>(form: "simd" | "reference", compute: () => T): T {
  const before = kernelChoice();
  useKernels(form);
  try {
    return compute();
  } finally {
    useKernels(before);
  }
}
