import { cat } from "tensorgrad";
import { activations, losses, tensors as ops } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Mutant } from "./mutant.ts";
import { inBackward, inForward, inMethod, inUnary } from "./plant.ts";

interface Settings {
  readonly settings: readonly number[];
}

const { BinaryCrossEntropy } = losses;
const { Elu, LeakyRelu, Softplus } = activations;

/** Faults in modules 02 to 04. */
export const lossMutants: readonly Mutant[] = [
  inUnary("leakyRelu: slope 0 below 0", LeakyRelu, "leakyRelu", (g, _, x) => x.gt(0).where(g, 0)),
  inUnary("leakyRelu: slope added instead of chosen", LeakyRelu, "leakyRelu", (g, right) => right.add(g)),
  inUnary("elu: y instead of y + α below 0", Elu, "elu", (g, right, x) => x.gt(0).where(g, right.sub(g))),
  inUnary("elu: eˣ on both sides", Elu, "elu", (g, _, x) => g.mul(x.exp())),
  inBackward("softplus: σ(x) instead of σ(βx)", Softplus, "softplus", ({ g, inputs: [x] }) => [
    g.mul(x.sigmoid()),
  ]),
  inBackward("softplus: threshold forgotten", Softplus, "softplus", ({ g, operation, inputs: [x] }) => {
    const [beta] = (operation as InstanceType<typeof Softplus> & Settings).settings;
    return [g.mul(x.mul(beta).sigmoid())];
  }),
  inForward("softplus: base 2", Softplus, [{ reference: "activations" }], (right) => right.mul(Math.LOG2E)),
  inMethod(
    "Residual: x forgotten",
    nn.Residual.prototype,
    "forward",
    [{ reference: "Residual" }],
    () => nn.Sequential.prototype.forward,
  ),
  inBackward("bce: p·(1 − p) forgotten", BinaryCrossEntropy, "bce", ({ g, inputs: [p, y], gradients }) => [
    g.mul(p.sub(y)),
    gradients[1],
  ]),
  inBackward(
    "bce: targets get the gradient of the other class",
    BinaryCrossEntropy,
    "bce",
    ({ gradients }) => [gradients[0], gradients[1]?.neg() ?? null],
  ),
  inForward(
    "bce: only the answer yes counts",
    BinaryCrossEntropy,
    [{ reference: "binary losses" }],
    (_, [p, y]) => y.mul(p.log().neg()),
  ),
  inMethod(
    "bceWithLogits: posWeight on both answers",
    nn.BCEWithLogitsLoss.prototype,
    "forward",
    [{ reference: "binary losses" }],
    (right) =>
      function (this: nn.BCEWithLogitsLoss, x, y) {
        const { posWeight = 1 } = this.options;
        return right.call({ options: {} } as nn.BCEWithLogitsLoss, x, y).mul(posWeight);
      },
  ),
  inUnary("huber: the slope goes on growing beyond delta", ops.Clamp, "huber", (g) => g),
  inForward("huber: delta forgotten", ops.Clamp, [{ reference: "regression losses" }], (_, [d]) => d.mul(1)),
  inUnary("l1: slope ½", ops.Abs, "l1", (_, right) => right.mul(0.5)),
  inMethod(
    "l1: squared",
    nn.L1Loss.prototype,
    "forward",
    [{ reference: "regression losses" }],
    () =>
      function (this: nn.L1Loss, x, y) {
        return nn.mse(x, y, this.options);
      },
  ),
  inBackward("nll: gradient at the class before the target", ops.Gather, "nll", ({ gradients: [dx] }) => [
    dx &&
      (dx.rank === 2 && dx.shape[1] > 1
        ? cat([dx.narrow(1, 1, dx.shape[1] - 1), dx.narrow(1, 0, 1)], 1)
        : dx),
    null,
  ]),
  inMethod(
    "nll: divided by the rows instead of their weights",
    nn.NLLLoss.prototype,
    "forward",
    [{ reference: "class losses" }],
    () =>
      function (this: nn.NLLLoss, x, targets) {
        return nn.nll(x, targets, { ...this.options, reduction: "sum" }).div(x.shape[0]);
      },
  ),
  inMethod(
    "klDiv: batchmean divides by all elements",
    nn.KLDivLoss.prototype,
    "forward",
    [{ reference: "class losses" }],
    () =>
      function (this: nn.KLDivLoss, x, y) {
        return nn.klDiv(x, y, { ...this.options, reduction: "mean" });
      },
  ),
  inUnary("klDiv: the logarithm passes nothing on", ops.Log, "klDiv", (g) => g.mul(0)),
];
