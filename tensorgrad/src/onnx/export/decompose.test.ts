import { describe, expect, it } from "vitest";
import { Function, ones, type Tensor } from "../../01-tensor/index.ts";
import { decodeModel, exportOnnx, float, node, type TensorFunction } from "../index.ts";

const x = ones([2], { dtype: "float64" });

describe("exportOnnx with { decompose: float64 }", () => {
  it("spells out operators that ONNX Runtime lacks in float64", () => {
    expect(operators((x) => x.erf().mul(x.gelu()).tanh())).not.toContain("Erf");
    expect(operators((x) => x.gelu())).not.toContain("Gelu");
    expect(nodes((x) => x.gelu({ approximate: "tanh" }))).toMatchInlineSnapshot(`
      [
        "Mul = Mul(input, Mul.1)",
        "Mul_1 = Mul(input, input)",
        "Mul_2 = Mul(Mul_1, input)",
        "Mul_3 = Mul(Mul_2, Mul_3.1)",
        "Add = Add(input, Mul_3)",
        "Mul_4 = Mul(Add, Mul_4.1)",
        "Tanh = Tanh(Mul_4)",
        "Add_1 = Add(Tanh, Add_1.1)",
        "output = Mul(Mul, Add_1)",
      ]
    `);
  });

  it("leaves the others alone", () => {
    expect(operators((x) => x.tanh().add(1))).toEqual(["Tanh", "Add"]);
  });

  it("reaches operators inside of composed ones, and computes a part that is met twice once", () => {
    class ErfSquared extends Function {
      forward(x: Tensor) {
        return x.erf().square();
      }
      backward() {
        return [null];
      }
      override onnx() {
        const erf = node("Erf");
        return node("Mul", {}, [erf, node("Add", {}, [erf, float(0)])]);
      }
    }
    const plain = decodeModel(exportOnnx((x) => new ErfSquared().apply(x), x));
    expect(plain.graph?.node.map(({ opType }) => opType)).toEqual(["Erf", "Add", "Mul"]);
    const found = operators((x) => new ErfSquared().apply(x));
    expect(found).not.toContain("Erf");
    expect(found.filter((op) => op === "Exp").length).toBe(1);
  });

  it("is asked for: an exported model keeps ONNX's own operators otherwise", () => {
    const { graph } = decodeModel(exportOnnx((x) => x.gelu(), x));
    expect(graph?.node.map(({ opType }) => opType)).toEqual(["Gelu"]);
  });
});

const graphOf = (fn: TensorFunction) =>
  decodeModel(exportOnnx(fn, x, { decompose: "float64" })).graph?.node ?? [];
const operators = (fn: TensorFunction) => graphOf(fn).map(({ opType }) => opType);
const nodes = (fn: TensorFunction) =>
  graphOf(fn).map(({ output, opType, input }) => `${output[0]} = ${opType}(${input.join(", ")})`);
