import { activations } from "tensorgrad/functions";
import * as nn from "tensorgrad/nn";
import type { Mutant } from "./mutant.ts";
import { inBackward, inForward, inMethod, inUnary } from "./plant.ts";

interface Settings {
  readonly settings: readonly number[];
}

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
];
