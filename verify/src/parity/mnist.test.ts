import { Random, rand, type Tensor } from "tensorgrad";
import { MNIST } from "tensorgrad/data/node";
import { Linear, ReLU, Sequential } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { type ParityReport, parity } from "./parity.ts";

const random = new Random(1);

/** 784-128-10, with weights four times as large as at the start: logits of the size that training gives them. */
function mlp(): Sequential {
  const model = new Sequential(new Linear(784, 128, { random }), new ReLU(), new Linear(128, 10, { random }));
  for (const parameter of model.parameters()) parameter.assign(parameter.mul(4).detach());
  return model;
}

describe("an exported MLP and ONNX Runtime", () => {
  it("agree on random images", async () => {
    expectEqual(await parity(mlp(), rand([200, 784], { random })), 200);
  });

  it.skipIf(!process.env.TENSORGRAD_DATA)("agree on MNIST's 10,000 test images", async () => {
    const test = await MNIST.load({ split: "test", shape: [784] });
    const images: Tensor = test.batch(Array.from({ length: test.length }, (_, i) => i)).x;
    expectEqual(await parity(mlp(), images), 10_000);
  });
});

function expectEqual(report: ParityReport, rows: number): void {
  expect(report.equalPredictions).toEqual({ equal: rows, total: rows });
  expect(report.maxAbs).toBeLessThanOrEqual(1e-5);
  expect(report.passed).toBe(true);
  expect(report.firstDivergence).toBe(null);
}
