import { type Tensor, zeros } from "tensorgrad";
import { AdamW, SGD } from "tensorgrad/optim";
import { asked } from "../compare.ts";

type Remembering = (p: Tensor[]) => { stateDict(): { tensors: Readonly<Record<string, Tensor>> } };

/** Bytes of all tensors that an optimizer of one weight of 100×50 remembers. */
const kept = (make: Remembering) => () => {
  const optimizer = make([zeros([100, 50], { requiresGrad: true })]);
  return Object.values(optimizer.stateDict().tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
};

export const { checks, solution } = asked({
  plain: ["kept by plain SGD", kept((p) => new SGD(p, { lr: 0.1 }))],
  momentum: ["kept by SGD with momentum", kept((p) => new SGD(p, { lr: 0.1, momentum: 0.9 }))],
  adamw: ["kept by AdamW", kept((p) => new AdamW(p))],
  amsgrad: ["kept by AdamW with amsgrad", kept((p) => new AdamW(p, { amsgrad: true }))],
});
