import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareReports, machine } from "tensorgrad/benchmarking";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { compareFiles, gateText, reportIn } from "./compare.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-compare-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
  vi.restoreAllMocks();
});

/** A file as `npm run bench` writes it, in which `simd1` takes so long for a gemm. */
function file(name: string, seconds: number): string {
  const samples = {
    simd1: Array.from({ length: 7 }, (_, i) => seconds * (1 + 0.001 * i)),
    naive: [1, 1, 1, 1, 1, 1, 1],
  };
  const path = join(folder, `${name}.json`);
  writeFileSync(
    path,
    JSON.stringify({ run: "one", machine: machine(1), results: [{ case: { name: "gemm" }, samples }] }),
  );
  return path;
}

describe("bench compare", () => {
  it("ends with exit code 1 if a case is slower, and with 0 if none is", () => {
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    const [base, now] = [file("base", 1), file("now", 1.2)];
    compareFiles([base, base]);
    expect(process.exitCode ?? 0).toBe(0);
    compareFiles([base, now]);
    expect(process.exitCode).toBe(1);
    expect(lines.at(-1)).toMatch(/^gemm, simd1 +0\.833 .* {2}slower$/m);
    expect(lines.at(-1)).toContain("1 of 2 slower");
  });

  it("refuses files that are none of its own", () => {
    expect(() => compareFiles(["one.json"])).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: compare: one.json — give two files, the earlier one first]`,
    );
    expect(() => reportIn("x.json", "{")).toThrow(/^compare: x\.json is no JSON/);
    expect(() => reportIn("x.json", "null")).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: compare: x.json has no run, machine and samples of every round — write it anew with npm run bench]`,
    );
    expect(() => reportIn("x.json", '{"machine":{},"results":[]}')).toThrow(
      /write it anew with npm run bench/,
    );
  });

  it("says what was skipped, and how rounds were taken", () => {
    const one = { run: "a", machine: machine(1), cases: { x: [1, 1, 1, 1, 1, 1], y: [1] } };
    expect(gateText(compareReports(one, { ...one, run: "b" }))).toMatch(/taken apart; skipped, .*: y$/);
  });
});
