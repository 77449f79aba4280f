import type { Tensor } from "../../../01-tensor/index.ts";
import { float, required, text } from "../attributes.ts";
import { type Family, op } from "../operator.ts";
import { floatOf, numberIn, type Value } from "../values.ts";

/** Tensors come in lists: all x, then all gradients, then all states; results are in the same order. */
function stepped(
  values: readonly Value[],
  lists: number,
  step: (x: Tensor, g: Tensor, states: readonly Tensor[]) => Tensor[],
): Tensor[] {
  const count = values.length / lists;
  if (!Number.isInteger(count))
    throw new RangeError(`${values.length} tensors — ${lists} for every parameter`);
  const list = (k: number) => values.slice(k * count, (k + 1) * count).map((value) => floatOf(value));
  const all = Array.from({ length: lists }, (_, k) => list(k));
  const results = all[0].map((x, i) =>
    step(
      x,
      all[1][i],
      all.slice(2).map((states) => states[i]),
    ),
  );
  return results[0].flatMap((_, k) => results.map((result) => result[k]));
}

const shared = { norm_coefficient: float(0) };

/** Steps of optimizers, from ONNX's domain for training. */
export const trainingSteps: Family = {
  "ai.onnx.preview.training.Adagrad": [
    op(1, "R T inputs*", { ...shared, decay_factor: float(0), epsilon: float(1e-6) }, ([r, t, ...x], a) => {
      const rate = numberIn(r) / (1 + numberIn(t) * a.decay_factor);
      return stepped(x, 3, (p, g, [sum]) => {
        const slope = g.add(p.mul(a.norm_coefficient));
        const total = sum.add(slope.square());
        return [p.sub(slope.mul(rate).div(total.sqrt().add(a.epsilon))), total];
      });
    }),
  ],
  "ai.onnx.preview.training.Adam": [
    op(
      1,
      "R T inputs*",
      {
        ...shared,
        norm_coefficient_post: float(0),
        alpha: float(0.9),
        beta: float(0.999),
        epsilon: float(1e-6),
      },
      ([r, t, ...x], a) => {
        const step = numberIn(t);
        const bias = step > 0 ? Math.sqrt(1 - a.beta ** step) / (1 - a.alpha ** step) : 1;
        const rate = numberIn(r) * bias;
        return stepped(x, 4, (p, g, [v, h]) => {
          const slope = g.add(p.mul(a.norm_coefficient));
          const first = v.mul(a.alpha).add(slope.mul(1 - a.alpha));
          const second = h.mul(a.beta).add(slope.square().mul(1 - a.beta));
          const next = p.sub(first.mul(rate).div(second.sqrt().add(a.epsilon)));
          return [next.mul(1 - a.norm_coefficient_post), first, second];
        });
      },
    ),
  ],
  "ai.onnx.preview.training.Momentum": [
    op(
      1,
      "R T inputs*",
      { ...shared, alpha: required(float()), beta: required(float()), mode: required(text()) },
      ([r, t, ...x], a) => {
        const beta = numberIn(t) > 0 ? a.beta : 1;
        return stepped(x, 3, (p, g, [v]) => {
          const slope = g.add(p.mul(a.norm_coefficient));
          const next = v.mul(a.alpha).add(slope.mul(beta));
          const along = a.mode === "nesterov" ? slope.add(next.mul(a.alpha)) : next;
          return [p.sub(along.mul(numberIn(r))), next];
        });
      },
    ),
  ],
};
