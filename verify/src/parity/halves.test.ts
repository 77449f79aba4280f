import { autocast, manualSeed, Random, randn, type Tensor } from "tensorgrad";
import { Conv2d, Flatten, Linear, Module, ReLU, Sequential } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { expect, it } from "vitest";
import { runOnnx } from "./onnx-runtime.ts";

const network = () => {
  manualSeed(2);
  return new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new ReLU(),
    new Flatten(),
    new Linear(4 * 36, 50),
  );
};
const images = () => randn([3, 1, 6, 6], { random: new Random(1) });

/** In last places of the largest number: sums in another order may be rounded to the neighbour. */
function places(found: Tensor, wanted: Tensor, place: number): number {
  const [a, b] = [found, wanted].map((x) => x.to("float32"));
  return a.sub(b).abs().max().item() / (b.abs().max().item() * place);
}

it("ONNX Runtime computes a model in float16 as we do, inputs and outputs in float16 included", async () => {
  const [model, x] = [network().to("float16"), images().to("float16")];
  const { output } = await runOnnx(exportOnnx(model, x), x);
  expect(output.dtype).toBe("float16");
  expect(places(output, model.forward(x), 2 ** -10)).toBeLessThanOrEqual(1);
});

it("and a model in bfloat16, which is exported with its weights in bfloat16", async () => {
  const x = images();
  class Inside extends Module {
    readonly model = network().to("bfloat16");
    override forward(x: Tensor): Tensor {
      return this.model.forward(x.to("bfloat16")).to("float32");
    }
  }
  const inside = new Inside();
  const bytes = exportOnnx(inside, x);
  expect(bytes.length).toBeLessThan(0.75 * exportOnnx(network(), x).length);
  const { output } = await runOnnx(bytes, x);
  expect(places(output, inside.forward(x), 2 ** -7)).toBeLessThanOrEqual(1);
});

it("and a model under autocast, whose weights stay in float32", async () => {
  const x = images();
  class Cast extends Module {
    readonly model = network();
    override forward(x: Tensor): Tensor {
      return autocast("bfloat16", () => this.model.forward(x)).to("float32");
    }
  }
  const model = new Cast();
  const { output } = await runOnnx(exportOnnx(model, x), x);
  expect(places(output, model.forward(x), 2 ** -7)).toBeLessThanOrEqual(1);
});
