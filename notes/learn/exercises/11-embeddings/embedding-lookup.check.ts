import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { embedding } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";

/** Rows (1, 2), (3, 4), (5, 6): what ids give, and the table's gradient for gradients 1, 2, 3, … of all numbers. */
function looked(ids: number[][], paddingIdx: number | null = null) {
  const weight = tensor(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    { requiresGrad: true },
  );
  const y = embedding(tensor(ids, { dtype: "int32" }), weight, { paddingIdx });
  if (y.requiresGrad)
    y.backward(
      tensor(
        Array.from({ length: y.size }, (_, i) => i + 1),
        {},
      ).reshape(y.shape),
    );
  return { shape: [...y.shape], y: [...y.data], gradient: [...(weight.grad?.data ?? [])] };
}

export const checks: Checks = {
  "ids [B, T] give [B, T, D]": () => {
    const { shape, y } = looked([
      [0, 2],
      [1, 0],
    ]);
    assert.deepEqual(shape, [2, 2, 2], "the shape of ids, then the width");
    assert.deepEqual(y, [1, 2, 5, 6, 3, 4, 1, 2], "the rows of ids 0, 2, 1, 0");
  },
  "an id that occurs twice gets both gradients": () =>
    assert.deepEqual(
      looked([[0, 2, 0]], 1).gradient,
      [1 + 5, 2 + 6, 0, 0, 3, 4],
      "ids 0, 2, 0; padding is 1",
    ),
  "the padding is read as it stands": () =>
    assert.deepEqual(looked([[1, 0]], 1).y, [3, 4, 1, 2], "ids 1, 0; padding is 1"),
  "the padding does not learn": () =>
    assert.deepEqual(looked([[1, 0, 1]], 1).gradient, [3, 4, 0, 0, 0, 0], "ids 1, 0, 1; padding is 1"),
};

export const probes: Probes = () => {
  const { shape, y, gradient } = looked([[1, 0, 2, 1]], 1);
  return [...shape, ...y, ...gradient];
};
