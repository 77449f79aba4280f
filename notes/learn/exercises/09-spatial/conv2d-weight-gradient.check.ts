import assert from "node:assert/strict";
import { arange, tensor, zeros } from "tensorgrad";
import { conv2d } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";

type Options = Parameters<typeof conv2d>[3];

/** The gradient of filters of this shape for gradients 1, 2, 3, … of the result; float64 runs on the plain loops. */
function gradient(image: readonly number[], filters: readonly number[], options: Options = {}): number[] {
  const numbers = (shape: readonly number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return arange(1, size + 1, 1, { dtype: "float64" }).reshape([...shape]);
  };
  const w = zeros([...filters], { dtype: "float64", requiresGrad: true });
  const y = conv2d(numbers(image), w, null, options);
  y.backward(numbers(y.shape));
  return [...(w.grad?.data ?? [])];
}

export const checks: Checks = {
  "the example by hand of note 09": () => {
    const x = tensor(
      [
        [
          [
            [1, 2, 0],
            [0, 1, 3],
            [2, 1, 1],
          ],
        ],
      ],
      { dtype: "float64" },
    );
    const w = zeros([1, 1, 2, 2], { dtype: "float64", requiresGrad: true });
    conv2d(x, w, null, { padding: 0 }).sum().backward();
    assert.deepEqual([...(w.grad?.data ?? [])], [4, 6, 4, 6], "every result has the gradient 1");
    assert.deepEqual(
      gradient([1, 1, 1, 2], [1, 1, 1, 2], { padding: [0, 1] }),
      [8, 5],
      "the row 1 2 between zeros and gradients 1 2 3: the left tap met 0 1 2, the right one 1 2 0",
    );
  },
  "all images add up": () =>
    assert.deepEqual(
      gradient([2, 1, 1, 1], [1, 1, 1, 1]),
      [1 * 1 + 2 * 2],
      "two images of one pixel, 1 and 2, with gradients 1 and 2",
    ),
  "outputs move by the stride, taps by the dilation": () =>
    assert.deepEqual(
      gradient([1, 1, 1, 6], [1, 1, 1, 2], { stride: [1, 3], dilation: [1, 2] }),
      [1 * 1 + 2 * 4, 1 * 3 + 2 * 6],
      "the row 1 … 6, two taps that lie 2 apart, a stride of 3, gradients 1 and 2",
    ),
  "filters of a group see its own channels": () =>
    assert.deepEqual(
      gradient([1, 2, 1, 1], [2, 1, 1, 1], { groups: 2 }),
      [1, 4],
      "two channels 1 and 2, a filter for each, gradients 1 and 2",
    ),
};

export const probes: Probes = () => [
  ...gradient([2, 2, 4, 5], [2, 1, 2, 2], { groups: 2, padding: 1, stride: 2 }),
  ...gradient([1, 1, 6, 6], [1, 1, 2, 2], { dilation: 2, stride: 3 }),
];
