import { describe, expect, it } from "vitest";
import { checkScalarCase, scalarCases, trainedXor, xorGrid } from "./scalar-cases.ts";
import { scalars, scalarsOf } from "./scalar-section.ts";

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
    const settings = { seed: 1, parityRuns: 1 } as never;
    const results = await scalarsOf([wrong], settings, (event) => {
      lines.push(event.kind === "line" ? [...event.cells, event.complaint].join(" | ") : event.title);
    });
    expect(lines).toMatchInlineSnapshot(`
      [
        "Scalar graphs in ONNX Runtime, float64",
        "wrong | 9 | 2 | 0 | 5.0e-1 | 1e-10 | parameters differ by 0.5 after 3 steps",
      ]
    `);
    expect(
      scalars(results)
        .rows[0].map(({ text }) => text)
        .join(" | "),
    ).toMatchInlineSnapshot(
      `"wrong | MISS | 3 steps of 2 parameters | 9 | 2 | 0 | 0.500 | 1.0e-10 | parameters differ by 0.5 after 3 steps"`,
    );
    expect(scalars(null).rows).toEqual([]);
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
