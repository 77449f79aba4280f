import { cat, Random, randn, type Tensor } from "tensorgrad";
import { Linear, mse, Sequential, Tanh } from "tensorgrad/nn";
import { decodeModel, exportOnnx, trainingState } from "tensorgrad/onnx";
import { AdamW } from "tensorgrad/optim";
import { describe, expect, it } from "vitest";
import { gradientCases } from "../table/gradients.ts";
import { agreement } from "./agreement.ts";
import { ourGradients } from "./gradients.ts";
import { drawCase } from "./gradients-cases.ts";
import { OnnxSession, runOnnx } from "./onnx-runtime.ts";
import { copyOf } from "./replay.ts";

/** Rows over again, until there are `count`. */
const rows = (x: Tensor, count: number): Tensor =>
  cat(Array.from({ length: Math.ceil(count / x.shape[0]) }, () => x))
    .narrow(0, 0, count)
    .clone();

describe("exported gradients of any batch", () => {
  it.each(gradientCases)("$name", async (row) => {
    const { model, inputs, targets, loss } = drawCase(row, 1, "float32");
    const bytes = exportOnnx(model, inputs, { gradients: { loss, targets } });
    const isDynamic = decodeModel(bytes).metadataProps.some(({ value }) => value === "dynamic");
    const batch = inputs[0].shape[0];
    for (const count of isDynamic ? [1, batch, 5] : [batch]) {
      const resized = (x: Tensor) => (x.shape[0] === batch ? rows(x, count) : x);
      const [x, y] = [inputs.map(resized), targets.map(resized)];
      const { ours, truth } = ourGradients({ model, inputs: x, targets: y, loss });
      await using session = await OnnxSession.open(bytes);
      const theirs = await session.fetch([...x, ...y].map(copyOf));
      for (const name of Object.keys(ours)) {
        const size = Math.max(1, ...(truth[name].data as Float64Array).map(Math.abs));
        expect([name, count, agreement(ours[name], theirs[name]).maxAbs < 1e-5 * size]).toEqual([
          name,
          count,
          true,
        ]);
      }
    }
  });
});

describe("an exported training step of any batch", () => {
  it("learns from batches of every size", async () => {
    const random = new Random(2);
    const model = new Sequential(new Linear(3, 8, { random }), new Tanh(), new Linear(8, 1, { random }));
    const optimizer = new AdamW(model.parameters(), { lr: 0.02 });
    const example = randn([4, 3], { random });
    const gradients = { loss: mse, targets: example.sum(1, { keepDim: true }), optimizer };
    const bytes = exportOnnx(model, example, { dynamicBatch: true, gradients });
    let state = trainingState(model, optimizer);
    for (const size of [1, 7, 4, 32, 2]) {
      const input = randn([size, 3], { random });
      const target = input.sum(1, { keepDim: true });
      const next = await runOnnx(bytes, { input, target, ...state });
      state = Object.fromEntries(Object.keys(state).map((name) => [name, next[`next.${name}`]]));
      optimizer.zeroGrad();
      mse(model.forward(input), target).backward();
      optimizer.step();
      for (const [name, ours] of Object.entries(trainingState(model, optimizer))) {
        expect(agreement(ours, state[name]).maxAbs).toBeLessThan(1e-6);
      }
    }
    expect(state.step.item()).toBe(5);
  });
});
