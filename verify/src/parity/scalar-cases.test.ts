import { describe, expect, it } from "vitest";
import { briefOf, FULL, run, tableOf } from "../section.ts";
import { trainedXor, xorGrid } from "../table/scalar-programs.ts";
import { checkScalarCase, scalarCases, scalars } from "./scalar-cases.ts";

describe("the scalar engine in ONNX Runtime", () => {
  it.each(scalarCases.map((row) => [row.name, row] as const))("%s", async (_, row) => {
    const result = await checkScalarCase(row, { seed: 1, runs: 20 });
    expect(result).toMatchObject({ passed: true, failure: null });
    expect(result.values).toBeGreaterThan(20);
  });

  it("has the network solved, and a grid around its four points", () => {
    const model = trainedXor(1);
    const answers = [[0, 0], [0, 1], [1, 0], [1, 1]].map((x) => model.forward(x)[0].data > 0); // biome-ignore format: a table
    expect(answers).toEqual([false, true, true, false]);
    expect(new Set(xorGrid.map(String)).size).toBe(1000);
    expect(xorGrid.at(-1)?.map((x) => Math.abs(x - 1.5) < 1e-12)).toEqual([true, true]);
  });

  it("tells each line as it comes, and shows what is wrong", async () => {
    const lines: string[] = [];
    const wrong = { name: "wrong", make: async () => ({ ...training, passed: false, maxAbs: 0.5 }) };
    const settings = { ...FULL, seed: 1, filter: "" };
    const results = await run({ ...scalars, items: () => [wrong] }, settings, (row) => {
      lines.push([...briefOf(scalars, row), scalars.wrong(row)].join(" | "));
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "wrong | 9 | 2 | 0 | 0.500 | 1.0e-10 | wrong: parameters differ by 0.5 after 3 steps",
      ]
    `);
    expect(
      tableOf(scalars, results)
        .rows[0].map(({ text }) => text)
        .join(" | "),
    ).toMatchInlineSnapshot(
      `"wrong | MISS | 3 steps of 2 parameters | 9 | 2 | 0 | 0.500 | 1.0e-10 | wrong: parameters differ by 0.5 after 3 steps"`,
    );
    expect(tableOf(scalars, []).rows).toEqual([]);
  });
});

const training = {
  name: "",
  passed: true,
  tolerance: 1e-10,
  steps: 3,
  parameters: 2,
  nodes: 9,
  maxAbs: 0,
  moved: 1,
};
