import type { Tensor } from "tensorgrad";
import { Storage } from "tensorgrad/runtime";
import { beforeBackward, type Fault, inMethod, whileBackward } from "../mutants/plant.ts";

/** Faults in what all operations share: the walk back, broadcasting, sums of gradients. */
export const faults: readonly Fault[] = [
  {
    name: "backward: gradient assigned instead of accumulated",
    by: [{ row: "mul" }],
    plant: () =>
      beforeBackward((leaves) => {
        for (const leaf of leaves) leaf.grad = null;
      }),
  },
  {
    name: "backward: the last path wins where paths meet",
    by: [{ row: "exp" }],
    plant: () => whileBackward("add", () => (b) => b as Tensor),
  },
  {
    name: "broadcast: sum over a stretched dim forgotten",
    by: [{ row: "add" }],
    plant: () =>
      whileBackward(
        "sum",
        (sum) =>
          function (this: Tensor, dims, keep) {
            if (!keep?.keepDim || !Array.isArray(dims)) return sum.call(this, dims, keep);
            return dims.reduce((x: Tensor, dim: number) => x.narrow(dim, 0, Math.min(1, x.shape[dim])), this);
          },
      ),
  },
  {
    name: "broadcast: mean over a stretched dim instead of its sum",
    by: [{ row: "mul" }],
    plant: () =>
      whileBackward(
        "sum",
        (sum) =>
          function (this: Tensor, dims, keep) {
            return keep?.keepDim ? this.mean(dims, keep) : sum.call(this, dims, keep);
          },
      ),
  },
  // Without the refusal, a gradient is computed from whatever the input holds by now.
  inMethod(
    "backward: a saved input changed in place goes unnoticed",
    Storage.prototype,
    "refuse",
    () => () => ({ [Symbol.dispose]() {} }),
    { row: "square" },
  ),
];
