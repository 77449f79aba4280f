import { expectTensor, Layout, Tensor } from "../01-tensor/index.ts";

/** A tensor that training changes. A module finds its parameters by this class, its buffers by its absence. */
export class Parameter extends Tensor {
  /** Takes over a tensor's memory; only a strided view is copied first. */
  constructor(values: Tensor) {
    const { storage, shape, strides, offset } = expectTensor("Parameter", values, "values").contiguous();
    super(new Layout(storage, shape, strides, offset), { requiresGrad: true });
  }
}
