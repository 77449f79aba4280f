import { arange, tensor } from "tensorgrad";
import { Linear, ReLU, Sequential } from "tensorgrad/nn";
import { bytesOfModel } from "tensorgrad/profiling";
import { dequantize, quantizeInt8, quantizeModel } from "tensorgrad/quantization";
import { asked } from "../compare.ts";

const network = (): Sequential => new Sequential(new Linear(200, 64), new ReLU(), new Linear(64, 10));

/** The largest error among many numbers from −2 to 1.27. */
function worst(): number {
  const x = arange(0, 5000)
    .mul(3.27 / 4999)
    .sub(2);
  return dequantize(quantizeInt8(x)).sub(x).abs().max().item();
}

export const { checks, solution } = asked({
  before: ["bytes before", () => bytesOfModel(network())],
  after: ["bytes after", () => bytesOfModel(quantizeModel(network()))],
  step: ["the step", () => quantizeInt8(tensor([-2, 0, 1.27])).scale, 0.001],
  worst: ["the largest error", worst, 0.003],
});
