import { type Random, type Tensor, tensor } from "tensorgrad";
import { CLOSE } from "../gradients/differs.ts";

export const STEPS = 10;

/** One parameter, one step. */
export type Rule = (p: number, g: number, step: number) => number;

/** Ten steps with random gradients, by the optimizer and by its formula. */
export function tenSteps(
  make: (p: Tensor) => { step(): void },
  rule: () => Rule,
  random: Random,
): string | null {
  const start = [random.normal(), random.normal(), random.normal()];
  const p = tensor(start, { dtype: "float64", requiresGrad: true });
  const optimizer = make(p);
  const expected = start.map((value) => ({ value, rule: rule() }));
  for (let step = 1; step <= STEPS; step++) {
    const g = start.map(() => random.normal());
    p.grad = tensor(g, { dtype: "float64" });
    optimizer.step();
    for (const [i, one] of expected.entries()) one.value = one.rule(one.value, g[i], step);
    const wrong = expected.findIndex(({ value }, i) => !(Math.abs(p.data[i] - value) <= CLOSE));
    if (wrong >= 0)
      return `after step ${step} the parameter is ${p.data[wrong]}, by the formula ${expected[wrong].value}`;
  }
  return null;
}
