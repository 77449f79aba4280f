import { describe, expect, it } from "vitest";
import { drifted, fill } from "./numbers.ts";

describe("numbers in Markdown", () => {
  it("are what the committed logs say (npm run numbers writes them anew)", () => {
    expect(drifted().map(({ file }) => file)).toEqual([]);
  });

  it("are found between their markers", () => {
    const logs = { run: { accuracy: 0.9812, machine: { cores: 2 } } };
    const text =
      "got <!-- run.accuracy percent -->?<!-- / --> on <!-- run.machine.cores -->?<!-- / --> cores";
    const filled = fill(text, logs);
    expect(filled).toBe(
      "got <!-- run.accuracy percent -->98.1 %<!-- / --> on <!-- run.machine.cores -->2<!-- / --> cores",
    );
    expect(fill(filled, logs)).toBe(filled);
  });

  it("must exist", () => {
    expect(() => fill("<!-- run.loss -->1<!-- / -->", { run: {} })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: numbers: run.loss text — no such entry or form; logs: run; forms: text, line, percent, percent2, seconds, ms, ms2, fixed0, fixed1, fixed2, fixed3, fixed4, count, count0, scientific, megabytes]`,
    );
  });
});
