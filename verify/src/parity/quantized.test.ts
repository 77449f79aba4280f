import { Random, randint, randn, type Tensor } from "tensorgrad";
import { quantization } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { parity } from "./parity.ts";

/** What ONNX Runtime makes of the same integers: equal to the last one. */
const INTEGERS = ["QuantizeLinear", "MatMulInteger"];

const random = new Random(1);
const batches = [randn([16, 30], { random }), randn([16, 30], { random })];

function mlp(): nn.Sequential {
  return new nn.Sequential(
    new nn.Linear(30, 50, { random }),
    new nn.ReLU(),
    new nn.Linear(50, 20, { random, bias: false }),
    new nn.GELU(),
    new nn.Linear(20, 7, { random }),
  );
}

async function expectEqualIntegers(model: nn.Module, x: Tensor, count: number): Promise<void> {
  const report = await parity(model, x, { tolerance: 1e-4 });
  const integers = report.nodes.filter(({ operation }) => INTEGERS.includes(operation));
  expect(integers).toHaveLength(count);
  for (const { name, local } of integers) expect([name, local.maxAbs]).toEqual([name, 0]);
  expect(report.passed, report.firstDivergence ?? "").toBe(true);
}

describe("an exported model of integers and ONNX Runtime", () => {
  it.each([7, 8] as const)("agree on every integer, with ranges of calibration, %i bits", async (bits) => {
    await expectEqualIntegers(nn.quantizeModel(mlp(), { calibration: batches, bits }), batches[0], 6);
  });

  it.each([7, 8] as const)("agree on every integer where inputs are measured, %i bits", async (bits) => {
    await expectEqualIntegers(nn.quantizeModel(mlp(), { bits }), batches[0], 6);
  });

  it("agree on a GPT", async () => {
    const sizes = { vocabSize: 13, embedDim: 16, numLayers: 1, numHeads: 2, maxSeqLen: 8, tied: false };
    const model = nn.quantizeModel(new nn.GPT({ ...sizes, random }));
    await expectEqualIntegers(model, randint(0, 13, [2, 8], { random }), 2 * 7);
  });

  it("agree on a convolutional network", async () => {
    const model = new nn.Sequential(
      new nn.Conv2d(3, 8, 3, { padding: 1, random }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(128, 5, { random }),
    );
    const x = randn([4, 3, 8, 8], { random });
    await expectEqualIntegers(nn.quantizeModel(model, { calibration: x }), x, 3);
  });

  it("agree on rounding in training", async () => {
    const { FakeQuantize } = quantization;
    const model = nn.quantizationAware(mlp());
    const report = await parity(model, batches[0], { tolerance: 1e-4 });
    const rounded = report.nodes.filter(({ operation }) => operation === FakeQuantize.name);
    expect(rounded).toHaveLength(6);
    for (const { local } of rounded) expect(local.maxAbs).toBe(0);
  });
});
