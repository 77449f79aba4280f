import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { manualSeed } from "tensorgrad";
import { Linear, Sequential } from "tensorgrad/nn";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type MlpRun, trainMlp } from "./02-mlp.ts";

const mnist = process.env.TENSORGRAD_DATA;

afterEach(() => vi.unstubAllEnvs());

/** The weights by path, as lists. */
const weights = ({ model }: MlpRun): Record<string, Float32Array> =>
  Object.fromEntries(model.namedParameters().map(([path, p]) => [path, Float32Array.from(p.data)]));

const norm = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe.skipIf(!mnist)("trainMlp on MNIST", () => {
  it("reads 97 % of the test images after five epochs, and has really learned it", {
    timeout: 300_000,
  }, async () => {
    const run = await trainMlp({ seed: 1 });
    expect(run.dataset).toBe("mnist");
    expect(run.epochs).toHaveLength(5);
    expect(run.testAccuracy).toBeGreaterThanOrEqual(0.97);
    expect(run.confusion.flat().reduce((sum, n) => sum + n, 0)).toBe(10_000);
    expect(run.heap.peak).toBeLessThan(300e6);
    expect(run.heap.growth).toBe(0);
    expect(run.losses).toHaveLength(5 * 937);
    const wrong = byHand(run, 500);
    expect(wrong).toEqual(run.mistakes.slice(0, wrong.length));

    manualSeed(1); // the weights it started from
    const start = new Sequential(new Linear(784, 128), new Linear(128, 10));
    const [w1, , w2] = start.parameters().map((p) => Float32Array.from(p.data));
    const after = weights(run);
    for (const [path, before] of [
      ["0.weight", w1],
      ["2.weight", w2],
    ] as const) {
      const moved = after[path].map((value, i) => value - before[i]);
      expect(norm(moved) / norm(before)).toBeGreaterThan(0.25);
    }
  });
});

describe("trainMlp on synthetic digits", () => {
  const quick = async (seed: number): Promise<MlpRun> => {
    const nowhere = mkdtempSync(join(tmpdir(), "no-data-"));
    vi.stubEnv("TENSORGRAD_DATA", nowhere);
    vi.stubEnv("XDG_CACHE_HOME", nowhere); // an MNIST in the cache would be taken
    vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      return await trainMlp({ seed, quick: true });
    } finally {
      rmSync(nowhere, { recursive: true });
    }
  };

  it("repeats itself for the same seed, and only for that", async () => {
    const [first, again, other] = [await quick(5), await quick(5), await quick(6)];
    expect(first.dataset).toBe("synthetic");
    expect(again.losses).toEqual(first.losses);
    expect(weights(again)).toEqual(weights(first));
    expect(other.losses).not.toEqual(first.losses);
  });

  it("learns for every seed", async () => {
    for (const seed of [1, 2, 3]) expect((await quick(seed)).testAccuracy).toBeGreaterThan(0.82);
  });
});

describe("the program", () => {
  it("meets its quick targets and closes with one line of JSON", () => {
    const script = fileURLToPath(new URL("./02-mlp.ts", import.meta.url));
    const args = ["--import", "tsx", script, "--quick", "--seed", "2", "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ epochs: 3, misses: [] });
  });
});

/** The first `count` test images through plain loops over the weights: what this computes wrong, the model must too. */
function byHand(run: MlpRun, count: number): MlpRun["mistakes"] {
  const w = weights(run);
  const affine = (x: ArrayLike<number>, layer: string): number[] =>
    Array.from(w[`${layer}.bias`], (bias, row) => {
      let sum = bias;
      for (let i = 0; i < x.length; i++) sum += w[`${layer}.weight`][row * x.length + i] * x[i];
      return sum;
    });
  return Array.from({ length: count }, (_, i) => {
    const pixels = run.test.pixels(i);
    const hidden = affine(
      Float64Array.from(pixels, (byte) => byte / 255),
      "0",
    ).map((h) => Math.max(0, h));
    const logits = affine(hidden, "2");
    return { pixels, label: run.test.labels[i], predicted: logits.indexOf(Math.max(...logits)) };
  }).filter(({ label, predicted }) => label !== predicted);
}
