import { tensor } from "tensorgrad";
import { Adam } from "tensorgrad/optim";
import { asked } from "../compare.ts";

function firstStep(gradient: number, lr: number): number {
  const p = tensor([0], { dtype: "float64", requiresGrad: true });
  p.grad = tensor([gradient], { dtype: "float64" });
  new Adam([p], { lr }).step();
  return Math.abs(p.data[0]);
}

export const { checks, solution } = asked({
  limit: ["the rate above which plain descent diverges", () => 2 / 40],
  first: ["the length of Adam's first step", () => firstStep(250, 0.01), 1e-4],
  root: ["steps with momentum", () => Math.sqrt(100)],
  moved: ["bytes read and written for each parameter", () => (4 + 3) * Float32Array.BYTES_PER_ELEMENT],
});
