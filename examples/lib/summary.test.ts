import { describe, expect, it } from "vitest";
import { environment } from "./environment.ts";
import { runningMean, thinned } from "./smooth.ts";
import { missedRows, type SummaryRow, summaryText } from "./summary.ts";

const rows: SummaryRow[] = [
  { job: "XOR, scalar engine", result: "4 of 4", target: "4 of 4", seconds: 0.42, passed: true },
  { job: "MLP on digits", result: "95.10 % of 10,000", target: "≥ 97 %", seconds: 12, passed: false },
];

describe("summaryText", () => {
  it("aligns the columns", () => {
    expect(summaryText(rows)).toMatchInlineSnapshot(`
			"job                 result             target  time
			---------------------------------------------------------------
			XOR, scalar engine  4 of 4             4 of 4  0.4 s   ✓ met
			MLP on digits       95.10 % of 10,000  ≥ 97 %  12.0 s  ✗ missed"
		`);
  });
});

describe("missedRows", () => {
  it("says what was missed and by how much", () => {
    expect(missedRows(rows)).toMatchInlineSnapshot(`
			[
			  "MLP on digits: 95.10 % of 10,000; the target is ≥ 97 %",
			]
		`);
  });
});

describe("runningMean", () => {
  it("averages what there is until the window is full", () => {
    expect(runningMean([4, 2, 0, 4], 2)).toEqual([
      [1, 4],
      [2, 3],
      [3, 1],
      [4, 2],
    ]);
  });
});

describe("thinned", () => {
  it("keeps the first and the last item", () => {
    const items = Array.from({ length: 1000 }, (_, i) => i);
    expect(thinned(items, 5)).toEqual([0, 250, 500, 749, 999]);
    expect(thinned([1, 2], 5)).toEqual([1, 2]);
  });
});

describe("environment", () => {
  it("tells when and on what", () => {
    const rows = Object.fromEntries(environment(new Date("2026-01-02T03:04:05Z")));
    expect(rows.date).toBe("2026-01-02 03:04 UTC");
    expect(rows.node).toContain(process.version);
  });
});
