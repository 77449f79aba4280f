import { Random, randn, type Tensor } from "tensorgrad";
import { scaledDotProductAttention } from "tensorgrad/nn";
import { encodeModel, importOnnx } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";

describe("Attention", () => {
  it("is scaled dot-product attention, causal or not", () => {
    const [q, k, v] = threeOf([2, 4, 5, 8]);
    for (const causal of [false, true]) {
      const y = model({ is_causal: Number(causal) }).forward(q, k, v);
      expect(distance(y, scaledDotProductAttention(q, k, v, { causal }))).toBeLessThan(1e-5);
    }
  });

  it("takes heads side by side, and fewer heads of keys", () => {
    const q = randn([2, 5, 32], { random: new Random(1) });
    const [k, v] = threeOf([2, 5, 16]);
    const y = model({ q_num_heads: 4, kv_num_heads: 2 }).forward(q, k, v);
    const heads = (x: Tensor, n: number) => x.reshape([2, 5, n, 8]).transpose(1, 2);
    const twice = (x: Tensor) => heads(x, 2).unsqueeze(2).expand([2, 2, 2, 5, 8]).reshape([2, 4, 5, 8]);
    const expected = scaledDotProductAttention(heads(q, 4), twice(k), twice(v))
      .transpose(1, 2)
      .reshape([2, 5, 32]);
    expect(distance(y, expected)).toBeLessThan(1e-5);
  });
});

const threeOf = (shape: number[]): Tensor[] =>
  [2, 3, 4].map((seed) => randn(shape, { random: new Random(seed) }));

const distance = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

function model(attributes: Readonly<Record<string, number>>) {
  return importOnnx(
    encodeModel({
      irVersion: 10,
      opsetImport: [{ domain: "", version: 23 }],
      graph: {
        name: "attention",
        input: ["q", "k", "v"].map((name) => ({ name })),
        node: [
          {
            opType: "Attention",
            input: ["q", "k", "v"],
            output: ["y"],
            attribute: Object.entries(attributes).map(([name, i]) => ({ name, i, type: 2 })),
          },
        ],
        output: [{ name: "y" }],
      },
    }),
  );
}
