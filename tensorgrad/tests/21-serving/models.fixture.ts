import { Random, zeros } from "tensorgrad";
import { Linear, ReLU, Sequential } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { encodeTensors } from "tensorgrad/train";

/** A small network, other weights for another seed. */
export const network = (seed: number, { inputs = 4, outputs = 3 } = {}): Sequential => {
  const random = new Random(seed);
  return new Sequential(new Linear(inputs, 8, { random }), new ReLU(), new Linear(8, outputs, { random }));
};

export const onnxFile = (seed: number, sizes: { inputs?: number; outputs?: number } = {}): Uint8Array =>
  exportOnnx(network(seed, sizes), [zeros([2, sizes.inputs ?? 4])]);

export const weightsFile = (seed: number, sizes: { inputs?: number; outputs?: number } = {}): Uint8Array =>
  encodeTensors(network(seed, sizes).stateDict(), { format: "pt" });
