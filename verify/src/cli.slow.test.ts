import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

interface Score {
  readonly passed: number;
  readonly total: number;
}
/** What a script reads. */
interface SummaryJson extends Readonly<Record<"firstOrder" | "secondOrder" | "references", Score | null>> {
  readonly operations: number;
  readonly withCase: number;
  readonly programs: Score | null;
  readonly kernels: Score | null;
  readonly planted: { readonly caught: number; readonly total: number } | null;
  readonly parity: Readonly<Record<string, Score | null>>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("verify all --quick --json", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    // The draws of cases.test.ts: what the command makes of them is looked at here.
    ["--import", "tsx", "verify/src/cli.ts", "all", "--quick", "--runs", "8", "--json"],
    { cwd: root, encoding: "utf8" },
  );
  const lines = stdout.trim().split("\n");

  it("passes everything", () => {
    expect(lines.filter((line) => line.startsWith("missed")).join("\n") + stderr).toBe("");
    expect(status).toBe(0);
  });

  it("ends with one JSON object in which nothing is left out", () => {
    const json = JSON.parse(lines.at(-1) ?? "") as SummaryJson;
    expect(json.withCase).toBe(json.operations);
    expect(json.planted?.caught).toBe(json.planted?.total);
    const { firstOrder, secondOrder, references, programs, kernels, parity } = json;
    for (const score of [firstOrder, secondOrder, references, programs, kernels, ...Object.values(parity)]) {
      expect(score?.passed).toBe(score?.total);
      expect(score?.total).toBeGreaterThan(0);
    }
  });
});
