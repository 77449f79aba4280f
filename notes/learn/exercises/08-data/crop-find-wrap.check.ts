import assert from "node:assert/strict";
import { Random, tensor } from "tensorgrad";
import { RandomCrop } from "tensorgrad/data";
import type { Checks, Probes } from "../../exercise.ts";

const [height, width, padding] = [3, 4, 2];
const image = Array.from({ length: height }, (_, h) =>
  Array.from({ length: width }, (_, w) => 1 + h * width + w),
);

/** What stands at a place of the image between zeros. */
const at = (h: number, w: number) => image[h]?.[w] ?? 0;

/** All windows of the image's own size. */
const windows = Array.from({ length: (2 * padding + 1) ** 2 }, (_, n) => {
  const [top, left] = [Math.floor(n / (2 * padding + 1)) - padding, (n % (2 * padding + 1)) - padding];
  return image.map((row, h) => row.map((_, w) => at(h + top, w + left)));
});

/** Crops with generators of these seeds. */
function crops(seeds: number): number[][][] {
  const crop = new RandomCrop([height, width], { padding });
  const x = tensor([image]);
  return Array.from({ length: seeds }, (_, seed) => {
    const all = [...crop.apply(x, { random: new Random(seed) }).data];
    return image.map((_, h) => all.slice(h * width, (h + 1) * width));
  });
}

export const checks: Checks = {
  "every crop is a window of the image between zeros": () => {
    for (const found of crops(16))
      assert.ok(
        windows.some((window) => JSON.stringify(window) === JSON.stringify(found)),
        `the image 1 to ${height * width} in rows of ${width}: ${JSON.stringify(found)} is none of its windows`,
      );
  },
  "nothing of another row comes around the edge": () => {
    for (const row of crops(16).flat()) {
      const rows = new Set(row.filter((pixel) => pixel > 0).map((pixel) => Math.floor((pixel - 1) / width)));
      assert.ok(rows.size <= 1, `${JSON.stringify(row)} mixes two rows of the image`);
    }
  },
};

export const probes: Probes = () => crops(8).flat(2);
