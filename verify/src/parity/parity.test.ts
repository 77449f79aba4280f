import { Function, Random, randn, type Tensor, tensor } from "tensorgrad";
import { Dropout, Linear, Module, ReLU, Sequential } from "tensorgrad/nn";
import { node } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { parity } from "./parity.ts";

const random = new Random(7);
const mlp = () =>
  new Sequential(
    new Linear(784, 128, { random }),
    new ReLU(),
    new Dropout(0.2),
    new Linear(128, 10, { random }),
  );
const images = randn([64, 784], { random });

describe("parity", () => {
  it("finds an MLP equal in both engines, at every batch size", async () => {
    const report = await parity(mlp(), images);
    expect(report.passed).toBe(true);
    expect(report.maxAbs).toBeLessThan(1e-5);
    expect(report.equalPredictions).toEqual({ equal: 64, total: 64 });
    expect(report.batches.map(({ batch }) => batch)).toEqual([1, 7]);
    expect(report.model.batch).toBe("dynamic");
    expect(report.firstDivergence).toBe(null);
  });

  it("measures both engines against the same operations in float64", async () => {
    const { ours, theirs, nearer } = await parity(mlp(), images, { nodes: false });
    expect(ours?.maxAbs).toBeGreaterThan(0);
    expect(ours?.maxAbs).toBeLessThan(5e-6);
    expect(theirs?.maxAbs).toBeLessThan(5e-6);
    expect(nearer).toBe((ours?.maxAbs ?? 0) < (theirs?.maxAbs ?? 0) ? "ours" : "theirs");
  });

  it("compares float64 models as they are", async () => {
    const report = await parity(mlp().to("float64"), images.to("float64"));
    expect(report.maxAbs).toBeLessThan(1e-13);
    expect([report.ours, report.theirs, report.nearer]).toEqual([null, null, "equal"]);
  });

  it("runs all rows in parts", async () => {
    const whole = await parity(mlp(), images, { nodes: false, batchSizes: [] });
    expect(whole.size).toBe(640);
    const parts = await parity(mlp(), images, { nodes: false, batchSizes: [], rowsPerRun: 20 });
    expect([parts.size, parts.passed]).toEqual([640, true]);
  });

  it("computes only the first rows in float64 where that is enough, and compares all of them", async () => {
    const options = { nodes: false, batchSizes: [], rowsPerRun: 20 };
    const whole = await parity(mlp(), images, options);
    const some = await parity(mlp(), images, { ...options, float64Rows: 30 });
    expect([some.size, some.ours?.size, some.theirs?.size]).toEqual([640, 300, 300]);
    expect(some.equalPredictions).toEqual(whole.equalPredictions);
    expect((await parity(mlp(), images, { ...options, float64Rows: 0 })).size).toBe(640);
    const { passed } = await parity(new Faulty(), images, { ...options, float64Rows: 8 });
    expect(passed).toBe(false);
  });

  it("names the first node that diverges, and what each contributes", async () => {
    const { passed, nodes, firstDivergence, nearer } = await parity(new Faulty(), images);
    expect([passed, firstDivergence, nearer]).toEqual([false, "middle/Sigmoid", "ours"]);
    const at = (name: string) => nodes.find((node) => node.name === name);
    expect(at("first/Gemm")?.accumulated.maxAbs).toBeLessThan(1e-5);
    expect(at("middle/Sigmoid")?.local.maxAbs).toBeGreaterThan(0.01);
    expect(at("last/Gemm")?.accumulated.maxAbs).toBeGreaterThan(1e-3); // wrong inputs
    expect(at("last/Gemm")?.local.maxAbs).toBeLessThan(1e-5); // but right by itself
    expect(at("last/Gemm")?.diverges).toBe(false);
  });

  it("takes functions with several inputs and outputs", async () => {
    const both = (a: Tensor, b: Tensor) => [a.matmul(b), a.add(b).sum()];
    const report = await parity(both, [
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([
        [5, 6],
        [7, 8],
      ]),
    ]);
    expect([report.passed, report.maxAbs, report.size]).toEqual([true, 0, 5]);
  });
});

/** Says Sigmoid and computes something else. */
class AlmostSigmoid extends Function {
  forward(x: Tensor) {
    return x.sigmoid().mul(0.9);
  }
  backward() {
    return [null];
  }
  override onnx() {
    return node("Sigmoid");
  }
}

class Faulty extends Module {
  readonly first = new Linear(784, 8, { random });
  readonly middle = { forward: (x: Tensor) => new AlmostSigmoid().apply(x) };
  readonly last = new Linear(8, 4, { random });

  override forward(x: Tensor): Tensor {
    return this.last.forward(this.middle.forward(this.first.forward(x)));
  }
}
