import { scope, type Tensor, tensor } from "tensorgrad";
import type { Optimizer } from "tensorgrad/optim";

/** f(x, y) = ½·(x² + steepness·y²): a valley that is as many times steeper across than along. */
export const valley = (p: Tensor, steepness: number): Tensor =>
  p
    .square()
    .mul(tensor([0.5, steepness / 2]))
    .sum();

/** Points that an optimizer visits on its way from `start`, at most `steps` of them, until f is below `goal`. */
export function walk(
  make: (parameters: Tensor[]) => Pick<Optimizer<{ lr: number }>, "step" | "zeroGrad">,
  { steepness = 20, start = [-9, 2], steps = 60, goal = 0 }: WalkOptions = {},
): [x: number, y: number][] {
  using _ = scope();
  const p = tensor(start, { requiresGrad: true });
  const optimizer = make([p]);
  const points: [number, number][] = [[p.data[0], p.data[1]]];
  for (let step = 0; step < steps; step++) {
    using _ = scope();
    const loss = valley(p, steepness);
    if (loss.item() < goal) break;
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    points.push([p.data[0], p.data[1]]);
  }
  return points;
}

export interface WalkOptions {
  steepness?: number;
  start?: number[];
  steps?: number;
  goal?: number;
}
