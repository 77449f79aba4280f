import assert from "node:assert/strict";
import type { Tensor } from "tensorgrad";
import { Linear, Module, Sequential } from "tensorgrad/nn";
import { measureMemory } from "tensorgrad/profiling";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

class Turned extends Module {
  override forward(x: Tensor): Tensor {
    return x.t();
  }
}

class Part extends Module {
  override forward(x: Tensor): Tensor {
    return x.narrow(1, 0, 2);
  }
}

/** What six rows of 4 numbers leave: the results of these layers, and the sum at the end. */
const predicted = (...layers: Module[]): number =>
  measureMemory(new Sequential(...layers), [6, 4]).predicted.activations;

const turned = (): number => predicted(new Linear(4, 5), new Turned(), new Linear(6, 3));
const part = (): number => predicted(new Linear(4, 5), new Part());

export const checks: Checks = {
  "a tensor that was turned adds nothing to what is kept": () =>
    assert.equal(
      turned(),
      4 * (30 + 15 + 1),
      `two lines keep 30 and 15 numbers, the sum one; the prediction is ${turned()} bytes`,
    ),
  "a part of a tensor adds nothing to what is kept": () =>
    assert.equal(
      part(),
      4 * (30 + 1),
      `a line keeps 30 numbers, the sum one; the prediction is ${part()} bytes`,
    ),
};

export const probes: Probes = () => [turned, part].flatMap((run) => attempt(() => [run()]));
