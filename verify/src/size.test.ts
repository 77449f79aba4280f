import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const src = fileURLToPath(new URL(".", import.meta.url));

/**
 * What it may be at most. It only goes down: whoever adds a check finds what it shares with the others. Fixtures are tests: the
 * language in which formulas are evaluated is one, for nothing but the test of the formulas reads it. What examines files of others
 * (onnx/) and the matcher for Vitest came later; completeness.ts stood among the rows.
 */
const MOST = 6_500;

describe("verify", () => {
  it(`is at most ${MOST} lines, tests and rows (table, references, mutants) and files of others left out`, () => {
    const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
      (file) =>
        /\.ts$/.test(file) &&
        !/\.(test|fixture)\.ts$|^(table|references|mutants|onnx)[\\/]|^(completeness|vitest)\.ts$/.test(file),
    );
    const lines = files.map((file) => readFileSync(join(src, file), "utf8").split("\n").length - 1);
    expect(lines.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(MOST);
  });
});
