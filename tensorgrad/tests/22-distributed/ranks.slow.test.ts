import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { init } from "tensorgrad/distributed";
import { describe, expect, it } from "vitest";
import { mpirun, type Outcome, SETTING, type Setting, train, withoutMpi } from "./ranks.fixture.ts";

const reason = withoutMpi();
const alone = (setting: Partial<Setting> = {}): Promise<Outcome> => train(init(), { ...SETTING, ...setting });

/** The largest difference of two lists, against the largest number in them. */
const relative = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]))) / Math.max(...b.map(Math.abs));

it("are tried where everything is to be tried", () => {
  if (process.env.TENSORGRAD_TEST_ALL) expect(reason).toBeNull();
});

describe.skipIf(reason)(`two ranks${reason ? ` (skipped: ${reason})` : ""}`, () => {
  it.each([
    ["float64", { dtype: "float64" }, 1e-12],
    ["float32", { dtype: "float32" }, 1e-6],
    ["steps of two batches", { accumulate: 2 }, 1e-12],
    ["a last batch that is smaller", { examples: 66, rest: "drop" }, 1e-12],
    ["a last batch that is uneven", { examples: 65, rest: "pad" }, null],
  ] as const)("end where one rank with batches twice as large does: %s", async (_, setting, bound) => {
    const { status, stderr, outcomes } = mpirun(2, setting);
    expect(status, stderr).toBe(0);
    const [first, second] = outcomes;
    expect(second.hash).toBe(first.hash); // batch norm's statistics included
    expect(second.history).toEqual(
      first.history.map((epoch) => ({
        ...epoch,
        train: { ...epoch.train, seconds: expect.any(Number) },
        validation: { ...epoch.validation, seconds: expect.any(Number), steps: expect.any(Number) },
      })),
    );
    expect(first.history[2].validation?.examples).toBe(25); // each held-back image once
    if (bound === null) return; // padded: one example comes twice
    const one = await alone(setting);
    expect(relative(first.weights, one.weights)).toBeLessThan(bound);
    expect(first.steps).toBe(one.steps);
    for (const [i, { train, validation }] of one.history.entries()) {
      expect(Math.abs(first.history[i].train.loss / train.loss - 1)).toBeLessThan(10 * bound);
      expect(first.history[i].train.metrics.accuracy).toBeCloseTo(train.metrics.accuracy, 12);
      expect(first.history[i].validation?.metrics.accuracy).toBeCloseTo(
        validation?.metrics.accuracy ?? 0,
        12,
      );
    }
  });

  it.each([
    [
      "model",
      "rank 1 differs from rank 0 in its model's 0.weight: [5,1,3,3] float64 here, [4,1,3,3] float64 on rank 0",
    ],
    ["optimizer", "rank 1 differs from rank 0 in its optimizer"],
    ["batches", "rank 1 differs from rank 0 in its number of batches in a pass: 10 here, 5 on rank 0"],
  ] as const)("are refused when rank 1 has another %s", (odd, message) => {
    const { status, stderr, outcomes } = mpirun(2, { odd });
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
    expect(outcomes).toEqual([]);
  });

  it("end, with the reason, when one throws", () => {
    const { status, stderr, outcomes } = mpirun(2, { odd: "throws" });
    expect(status).not.toBe(0);
    expect(stderr).toContain("a mistake in a callback of rank 1");
    expect(outcomes).toEqual([]);
  });

  it("end when one is killed, and go on from rank 0's checkpoint to the same weights, to the bit", () => {
    const folder = mkdtempSync(join(tmpdir(), "ranks-"));
    try {
      const { status, stderr } = mpirun(2, { odd: "dies", folder });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/rank 1 .*signal 9|signal 9 \(Killed\)/s);
      expect(readdirSync(folder).filter((name) => name.startsWith("step-"))).toContain(
        "step-00000006.safetensors",
      );
      const resumed = mpirun(2, { folder });
      expect(resumed.status, resumed.stderr).toBe(0);
      expect(resumed.outcomes.map(({ begun }) => begun)).toEqual([6, 6]);
      const whole = mpirun(2);
      expect(resumed.outcomes.map(({ hash }) => hash)).toEqual(whole.outcomes.map(({ hash }) => hash));
      expect(resumed.outcomes[0].history.map(({ train }) => train.loss)).toEqual(
        whole.outcomes[0].history.map(({ train }) => train.loss),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
