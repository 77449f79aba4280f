import { autocast, Tensor, tensor } from "tensorgrad";
import { LossScale } from "tensorgrad/acceleration";
import { linear } from "tensorgrad/nn";
import { clipGradNorm, SGD } from "tensorgrad/optim";
import { differs } from "../gradients/differs.ts";
import { inMethod } from "../mutants/plant.ts";
import { float64, numbers, type Reference } from "../references/reference.ts";
import { definition } from "./builders.ts";
import type { Definition } from "./case.ts";

type Half = "float16" | "bfloat16";

/** Digits of the fraction; the exponent of the smallest normal number; how many binades are drawn from. */
const formats = {
  float16: { digits: 10, least: -14, range: 28 },
  bfloat16: { digits: 7, least: -126, range: 250 },
};

/** IEEE 754-2008, 4.3.1: the nearest multiple of the step at x, of two the even one. */
function nearest(x: number, half: Half): number {
  const { digits, least } = formats[half];
  let exponent = least;
  while (2 ** (exponent + 1) <= Math.abs(x)) exponent++;
  const step = 2 ** (exponent - digits);
  const [below, rest] = [Math.floor(Math.abs(x) / step), (Math.abs(x) / step) % 1];
  const up = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  return Math.sign(x) * (below + (up ? 1 : 0)) * step;
}

/** Numbers of all sizes, every other one half-way between two neighbours. */
const rounding =
  (half: Half): Reference =>
  (random) => {
    const { digits, least, range } = formats[half];
    const x = Array.from({ length: 64 }, (_, i) => {
      const scale = 2 ** (least - digits + Math.floor(random.uniform() * range));
      const steps = 2 ** digits + Math.floor(random.uniform() * 2 ** digits);
      return (
        (random.uniform() < 0.5 ? -1 : 1) * scale * (i % 2 ? steps + 0.5 : random.uniform() * 2 ** digits)
      );
    });
    const expected = x.map((value) => nearest(value, half));
    return (
      differs("a number of float64", float64(x).to(half).to("float64"), expected, 0) ??
      differs(
        "a number of float32",
        tensor(x).to(half).to("float64"),
        tensor(x).data.map((v) => nearest(v, half)),
        0,
      )
    );
  };

/** What is half-way goes away from 0. */
const awayFromZero = (right: Tensor["to"]): Tensor["to"] =>
  function (this: Tensor, dtype) {
    const y = right.call(this, dtype);
    if (!y.isHalf || this.isHalf) return y;
    const [from, to, bits] = [this.data, right.call(y, "float64").data, y.bits];
    for (let i = 0; i < from.length; i++) {
      const next = tensor([0], { dtype: y.dtype });
      next.bits[0] = bits[i] + 1;
      const above = right.call(next, "float64").data[0];
      if (Math.abs(from[i]) > Math.abs(to[i]) && from[i] - to[i] === above - from[i]) bits[i]++;
    }
    return y;
  };

/** What is between two neighbours goes to the smaller one. */
const towardsZero = (right: Tensor["to"]): Tensor["to"] =>
  function (this: Tensor, dtype) {
    const y = right.call(this, dtype);
    if (!y.isHalf || this.isHalf) return y;
    const [from, to, bits] = [this.data, right.call(y, "float64").data, y.bits];
    for (let i = 0; i < from.length; i++) if (Math.abs(to[i]) > Math.abs(from[i])) bits[i]--;
    return y;
  };

/** y = round(Σ round(x)·round(w) + round(b)), summed in float32. */
const product: Reference = (random) => {
  const [x, w, b] = [numbers(random, 4), numbers(random, 8), numbers(random, 2)];
  const [rx, rw, rb] = [x, w, b].map((list) => [...tensor(list).data].map((v) => nearest(v, "bfloat16")));
  const sums = [0, 1].map((o) => rx.reduce((sum, v, i) => sum + v * rw[4 * o + i], rb[o]));
  const y = autocast("bfloat16", () => linear(tensor([x]), tensor(w).reshape(2, 4), tensor(b)));
  if (y.dtype !== "bfloat16") return `a product under autocast is ${y.dtype}, by its definition bfloat16`;
  return differs("a product", y.reshape(2), sums, 2 ** -8); // half of a last place, and the sum's own rounding
};

const CLIP = 1;

/**
 * Micikevicius et al. 2018, section 3.2: w ← w − lr·clip(∇), whatever the scale; no step where the scaled gradient is beyond float16,
 * and half of the scale for the next one.
 */
const scaledStep: Reference = (random) => {
  const [start, rate] = [random.normal(), 0.25];
  const scale = new LossScale({ lossScale: 2 ** 12 });
  const w = tensor([start], { requiresGrad: true });
  const optimizer = new SGD([w], { lr: rate });
  let [expected, wantedScale] = [w.data[0], 2 ** 12];
  for (const size of [0.5, 3, 40, 0.25]) {
    const x = size * (random.uniform() < 0.5 ? -1 : 1); // the gradient of w
    optimizer.zeroGrad();
    const y = w.to("float16").mul(tensor([x], { dtype: "float16" }));
    y.to("float32").sum().mul(scale.value).backward();
    const isFinite = scale.unscale([w], { step: 1, epoch: 1 });
    if (isFinite) {
      clipGradNorm([w], CLIP);
      optimizer.step();
    }
    if (Math.abs(x) * wantedScale > 65_519) wantedScale /= 2;
    else expected -= rate * Math.sign(x) * Math.min(Math.abs(x), CLIP);
    if (scale.value !== wantedScale) return `the scale is ${scale.value}, by its definition ${wantedScale}`;
  }
  return differs("the weight", w, [expected], 1e-5);
};

export const title = "Acceleration";

export const rows: readonly Definition[] = [
  definition("float16", rounding("float16"), [
    inMethod("float16: half-way away from zero", Tensor.prototype, "to", awayFromZero, "reference"),
  ]),
  definition("bfloat16", rounding("bfloat16"), [
    inMethod("bfloat16: half-way away from zero", Tensor.prototype, "to", awayFromZero, "reference"),
    inMethod("bfloat16: the rest is cut off", Tensor.prototype, "to", towardsZero, "reference"),
  ]),
  definition("autocast", product),
  definition("loss scale", scaledStep, [
    inMethod("not undone before clipping", LossScale.prototype, "unscale", () => () => true, "reference"),
    inMethod(
      "a step that overflowed is taken",
      LossScale.prototype,
      "unscale",
      (right) =>
        function (this: LossScale, ...args) {
          right.apply(this, args);
          for (const p of args[0]) if (p.grad && !Number.isFinite(p.grad.data[0])) p.grad.assign([1]);
          return true;
        },
      "reference",
    ),
    inMethod(
      "the scale stays after an overflow",
      LossScale.prototype,
      "unscale",
      (right) =>
        function (this: LossScale, ...args) {
          const before = this.stateDict();
          const isFinite = right.apply(this, args);
          this.loadStateDict(before);
          return isFinite;
        },
      "reference",
    ),
  ]),
];
