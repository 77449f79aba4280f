import { scope } from "tensorgrad";
import { importOnnx } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { agreement } from "../parity/agreement.ts";
import { exported } from "../parity/operation.ts";
import { copyOf, runOnce } from "../parity/replay.ts";
import { exampleOf } from "../table/case.ts";
import { cases } from "../table/cases.ts";

/** Rows that ONNX Runtime runs, too: what has no counterpart in ONNX cannot come back. */
const rows = cases.filter(({ onnx }) => !("none" in onnx));

describe("export → import", () => {
  it.each(rows.map((row) => [row.name, row] as const))("%s gives the same numbers", (_, row) => {
    for (let seed = 1; seed <= 2; seed++) {
      using _step = scope();
      const { inputs, run } = exampleOf(row, seed);
      if (inputs.some(({ size }) => size === 0)) continue;
      const { bytes, values } = exported(inputs, run, 21);
      const model = importOnnx(bytes);
      const names = model.outputs.map(({ name }) => name);
      const before = Object.values(runOnce(run, values, names).outputs);
      const after = Object.values(model.run(values)).map((value) => copyOf(value as never));
      for (const [i, y] of before.entries()) {
        expect(after[i].shape).toEqual(y.shape);
        const unit = largest(y.data as Float64Array) * 2 ** -23;
        expect(agreement(after[i], y).maxAbs / unit).toBeLessThanOrEqual(64);
      }
    }
  });
});

function largest(data: ArrayLike<number>): number {
  let most = 2 ** -100;
  for (let i = 0; i < data.length; i++)
    if (Number.isFinite(data[i])) most = Math.max(most, Math.abs(data[i]));
  return most;
}
