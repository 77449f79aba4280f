import { MLP, type Value, v } from "micrograd";
import type { ScalarPoint } from "../parity/scalar.ts";

/** The expression in micrograd's README: 24.7041, 138.8338, 645.5773. */
export function readmeExpression(): ScalarPoint {
  const [a, b] = [v(-4, "a"), v(2, "b")];
  let c = a.add(b);
  let d = a.mul(b).add(b.pow(3));
  c = c.add(c.add(1));
  c = c.add(c.add(1).sub(a));
  d = d.add(d.mul(2).add(b.add(a).relu()));
  d = d.add(d.mul(3).add(b.sub(a).relu()));
  const f = c.sub(d).pow(2);
  return { root: f.div(2).add(v(10).div(f)), inputs: { a, b } };
}

/** The four points of exclusive or, and what they should give. */
export const corners = [[0, 0, -1], [0, 1, 1], [1, 0, 1], [1, 1, -1]] as const; // biome-ignore format: a table

/** log(1 + e^(∓logit)), the mean over the four points, in nats. */
export const xorLoss = (model: MLP): Value => {
  const losses = corners.map(([x, y, sign]) => model.forward([x, y])[0].mul(-sign).exp().add(1).log());
  return losses.reduce((sum, loss) => sum.add(loss)).div(corners.length);
};

/** MLP(2, [8, 1]) after plain gradient descent at rate 1, as `examples/xor.ts` trains it. */
export function trainedXor(seed: number, steps = 200): MLP {
  const model = new MLP(2, [8, 1], { seed });
  for (let step = 0; step < steps; step++) {
    model.zeroGrad();
    xorLoss(model).backward();
    for (const p of model.parameters()) p.data -= p.grad;
  }
  return model;
}

/** 1,000 points around the four corners: 40 columns and 25 rows over [−½, 3/2]². */
export const xorGrid: readonly (readonly [number, number])[] = Array.from({ length: 1000 }, (_, i) => [
  (i % 40) / 19.5 - 0.5,
  Math.floor(i / 40) / 12 - 0.5,
]);
