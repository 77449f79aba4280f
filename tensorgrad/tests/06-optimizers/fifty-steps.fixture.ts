import { expect } from "vitest";
import { type Tensor, tensor } from "../../src/01-tensor/index.ts";
import "../../src/05-autograd/index.ts";

const float64 = { dtype: "float64" } as const;

/**
 * Fifty steps from [1, −2, ½] in ½(p − c)², where c moves: c[i] = sin(3t + i) in step t. The numbers to arrive at are those of
 * torch.optim in float64.
 */
export function fiftySteps(
  make: (params: Tensor[]) => { step(): void; zeroGrad(): void },
  arrived: readonly number[],
): void {
  const p = tensor([1, -2, 0.5], { ...float64, requiresGrad: true });
  const optimizer = make([p]);
  for (let step = 1; step <= 50; step++) {
    const centre = tensor(
      [0, 1, 2].map((i) => Math.sin(3 * step + i)),
      float64,
    );
    optimizer.zeroGrad();
    p.sub(centre).square().mul(0.5).sum().backward();
    optimizer.step();
  }
  expect([...p.data]).toEqual(arrived.map((value) => expect.closeTo(value, 12)));
}
