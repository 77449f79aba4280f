import { describe, expect, it } from "vitest";
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
