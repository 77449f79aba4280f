import assert from "node:assert/strict";
import { gradcheck, type Tensor, tensor } from "tensorgrad";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

const leaf = (): Tensor => tensor([1, 2], { dtype: "float64", requiresGrad: true });

/** A wide step and a narrow tolerance: central differences of a square are exact. */
const wide = { eps: 0.1, atol: 1e-9, rtol: 0 };

/** 1 if gradcheck agrees with the engine on x². */
const ofSquare = (): number => (gradcheck((x) => x.square(), [leaf()], wide) ? 1 : 0);

/** What x holds after a check. */
function afterwards(): number[] {
  const x = leaf();
  gradcheck((y) => y.mul(3), [x]);
  return [...x.data];
}

/** The second element's gradient is lost: it goes around the graph. */
function halfDetached(): number {
  const [first, second] = [tensor([1, 0], { dtype: "float64" }), tensor([0, 1], { dtype: "float64" })];
  return gradcheck((x) => x.mul(first).add(x.detach().mul(second)), [leaf()]) ? 1 : 0;
}

export const checks: Checks = {
  "a square, with a wide step": () => near("gradcheck of x² at [1, 2] with eps 0.1: agrees", ofSquare(), 1),
  "x is left as it was": () => near("x = [1, 2] after gradcheck of 3x", afterwards(), [1, 2], 0),
  "every element is compared": () =>
    assert.throws(
      halfDetached,
      /element 1 of input 0 .*: backward gives 0, differences give/,
      "x with its second element detached: expected an error that names element 1",
    ),
};

export const probes: Probes = () => [
  ...tried(ofSquare),
  ...tried(() => (String(afterwards()) === "1,2" ? 1 : 0)),
  ...tried(halfDetached),
];
