import assert from "node:assert/strict";
import { type Tensor, tensor } from "tensorgrad";
import { LossScale } from "tensorgrad/acceleration";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

const WHEN = { step: 3, epoch: 1 };

function parameter(...gradient: number[]): Tensor {
  const p = tensor(
    gradient.map(() => 1),
    { requiresGrad: true },
  );
  p.grad = tensor(gradient);
  return p;
}

const gradientOf = (p: Tensor): number[] => [...(p.grad?.data ?? [])];

/** A scale that doubles after three good steps, and what became of steps whose gradients overflow or do not. */
function course(...overflows: boolean[]): { readonly taken: boolean[]; readonly scale: LossScale } {
  const scale = new LossScale({ lossScale: 1024, growthInterval: 3 });
  const taken = overflows.map((over) => scale.unscale([parameter(over ? Infinity : 512)], WHEN));
  return { taken, scale };
}

export const checks: Checks = {
  "gradients are divided by the scale": () => {
    const p = parameter(2048, -512);
    const fits = new LossScale({ lossScale: 1024 }).unscale([p], WHEN);
    assert.deepEqual(
      gradientOf(p),
      [2, -0.5],
      `2,048 and −512 with a scale of 1,024 become ${gradientOf(p)}`,
    );
    assert.equal(fits, true, "the gradients are finite: the step may be taken");
  },
  "a step that overflowed is skipped, and counted": () => {
    const { taken, scale } = course(false, true, true);
    assert.deepEqual(taken, [true, false, false], `one good step and two overflows: ${taken}`);
    assert.equal(scale.skipped, 2, "two steps were skipped");
  },
  "the scale is halved by each overflow": () =>
    assert.equal(course(true, true).scale.value, 256, "1,024 after two overflows"),
  "the scale grows after three good steps in a row, not before": () => {
    assert.equal(course(false, false, false).scale.value, 2048, "three good steps double the scale");
    assert.equal(course(false, false, true, false).scale.value, 512, "an overflow begins the count anew");
  },
  "with a scale of 1 an overflow is an error": () => {
    const scale = new LossScale({ lossScale: 2 });
    assert.equal(
      scale.unscale([parameter(Number.NaN)], WHEN),
      false,
      "the first overflow only halves the scale",
    );
    assert.throws(
      () => scale.unscale([parameter(Infinity)], WHEN),
      /no scale helps/,
      "a second overflow, with a scale of 1, cannot be helped",
    );
  },
};

export const probes: Probes = () => [
  ...attempt(() => {
    const p = parameter(2048, -512);
    return [new LossScale({ lossScale: 1024 }).unscale([p], WHEN), ...gradientOf(p)];
  }),
  ...attempt(() => {
    const { taken, scale } = course(false, false, true, false, true);
    return [...taken, scale.value, scale.skipped];
  }),
];
