import { Random } from "tensorgrad";
import { type BenchmarkReport, compareReports, machine } from "tensorgrad/benchmarking";
import { describe, expect, it } from "vitest";

const here = machine(1);
const CASES = 40;
const ROUNDS = 21;

/**
 * Times as a shared machine gives them: rounds that a disturbance slows down for everybody, noise of 2 % for each, and outliers.
 * `slow` cases take 10 % longer now.
 */
function reports(seed: number, slow: ReadonlySet<number>): [BenchmarkReport, BenchmarkReport] {
  const random = new Random(seed);
  const sides: [Record<string, number[]>, Record<string, number[]>] = [{}, {}];
  for (let i = 0; i < CASES; i++) {
    const common = Array.from(
      { length: ROUNDS },
      () => (1 + i) * (random.uniform() < 0.2 ? 1 + random.uniform() : 1),
    );
    for (const [side, cases] of sides.entries()) {
      const factor = side === 1 && slow.has(i) ? 1.1 : 1;
      cases[`case ${i}`] = common.map(
        (time) => factor * time * (1 + 0.02 * random.normal()) * (random.uniform() < 0.05 ? 1.5 : 1),
      );
    }
  }
  const report = (cases: BenchmarkReport["cases"]) => ({ run: `run ${seed}`, machine: here, cases });
  return [report(sides[0]), report(sides[1])];
}

const planted = (seed: number): Set<number> => {
  const random = new Random(1000 + seed);
  const slow = new Set<number>();
  while (slow.size < 5) slow.add(random.integer(CASES));
  return slow;
};
const names = (slow: ReadonlySet<number>) => [...slow].sort((a, b) => a - b).map((i) => `case ${i}`);

describe("compareReports", () => {
  it("finds slowdowns of 10 % in five places, in 20 of 20 runs, and nothing else", () => {
    for (let seed = 0; seed < 20; seed++) {
      const slow = planted(seed);
      expect(compareReports(...reports(seed, slow)).slower).toEqual(names(slow));
    }
  });

  it("reports none in 20 of 20 runs of the same against the same", () => {
    for (let seed = 0; seed < 20; seed++)
      expect(compareReports(...reports(seed, new Set())).slower).toEqual([]);
  });

  it("calls what is faster so, and what only one side has, skipped", () => {
    const [base, now] = reports(1, new Set([3]));
    const turned = compareReports(now, { ...base, cases: { ...base.cases, new: [1, 1, 1, 1, 1, 1, 1] } });
    expect(turned.changes.find(({ name }) => name === "case 3")?.verdict).toBe("faster");
    expect(turned.skipped).toEqual(["new"]);
  });

  it("compares medians, and allows more, where rounds were not taken in turns", () => {
    const [base, now] = reports(2, new Set([7]));
    const apart = compareReports(base, { ...now, run: "another" });
    expect(apart).toMatchObject({ paired: false, allowed: 0.95 });
    expect(apart.changes[7].low).toBeLessThan(1 / 1.1);
  });

  it("refuses reports of different machines unless asked, and reports with nothing in common", () => {
    const [base, now] = reports(3, new Set());
    const elsewhere = { ...now, machine: { ...here, cpu: "another", cores: 3 } };
    const known = { ...base, machine: { ...here, cpu: "this one", cores: 2 } };
    expect(() => compareReports(known, elsewhere)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: compare: reports of different machines (cpu this one and another; cores 2 and 3) — a ratio would tell of the machines; measure both on one, or ask for it: { anyMachine: true }, --any-machine]`,
    );
    expect(compareReports(known, elsewhere, { anyMachine: true }).slower).toEqual([]);
    expect(() => compareReports(base, { ...now, cases: {} })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: compare: no case with 6 rounds or more in both reports, of 40 — nothing to compare]`,
    );
    expect(() => compareReports(base, now, { allowed: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: compare: allowed = 2 — a ratio above 0, at most 1]`,
    );
  });
});
