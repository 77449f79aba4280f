import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type DType, isDType } from "../../src/00-runtime/index.ts";
import { cat, ones, Tensor, tensor } from "../../src/01-tensor/index.ts";

const note = readFileSync(new URL("../../../notes/dtypes.md", import.meta.url), "utf8");

/** The tables of the note, each a list of rows of cells, the line under the head left out. */
const tables = note
  .split("\n\n")
  .filter((block) => block.startsWith("|"))
  .map((block) =>
    block
      .trim()
      .split("\n")
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .filter((_, i) => i !== 1),
  );
const [pairs, calls, formats, conversions] = tables;

const known = (name: string): DType => {
  if (isDType(name)) return name;
  throw new TypeError(`"${name}" is no dtype`);
};

/** Runs a call of one method, as typed in the note: `x.add(0.5)`, `x.max(0).values`. */
function run(call: string, x: Tensor): Tensor {
  const [, method, list, property] = call.match(/^`x\.(\w+)\((.*)\)(?:\.(\w+))?`$/) ?? [];
  const inputs = list === "x" ? [x] : (JSON.parse(`[${list}]`) as unknown[]);
  const result = (x[method as keyof Tensor] as (...inputs: unknown[]) => unknown).apply(x, inputs);
  return property ? (result as Record<string, Tensor>)[property] : (result as Tensor);
}

const without = <T>(list: readonly T[]): T[] => list.slice(1);

describe("notes/dtypes.md", () => {
  it.each(without(pairs).map((row) => [row[0], row] as const))("has the right row for %s", (left, row) => {
    const types = without(pairs[0]).map(known);
    const [a, others] = [ones([2], { dtype: known(left) }), types.map((dtype) => ones([2], { dtype }))];
    expect(others.map((b) => a.mul(b).dtype)).toEqual(without(row));
    expect(others.map((b) => b.maximum(a).dtype)).toEqual(without(row));
    expect(others.map((b) => cat([a, b]).dtype)).toEqual(without(row));
    expect(others.map((b) => a.gt(0).where(a, b).dtype)).toEqual(without(row));
  });

  it.each(without(calls).map((row) => [row[0], row] as const))("is right about %s", (call, row) => {
    const results = without(calls[0]).map((dtype) => {
      const x = ones([2, 2], { dtype: known(dtype) });
      return call === "has gradients" ? hasGradients(x) : run(call, x).dtype;
    });
    expect(results).toEqual(without(row));
  });

  it.each(["float16", "bfloat16", "float32"] as const)("is right about the numbers of %s", (dtype) => {
    const column = formats[0].indexOf(dtype);
    const number = (row: number) => Number(formats[row][column]);
    const next = (x: number, factor: number) =>
      tensor([x * factor], { dtype: "float64" })
        .to(dtype)
        .item();
    const [step, largest, normal, least] = [2, 3, 4, 5].map(number);
    expect([1, 1 + step, largest, normal, least].map((x) => next(x, 1))).toEqual([
      1,
      1 + step,
      largest,
      normal,
      least,
    ]);
    expect([next(1 + step / 2, 1), next(largest, 1 + step / 2), next(least, 0.5)]).toEqual([1, Infinity, 0]);
    expect(next(normal, 1 + step / 4)).toBe(normal);
    expect(next(normal / 2, 1 + step)).toBe(normal / 2); // below the smallest normal number steps are coarser
  });

  it.each(without(conversions))("%s to %s gives %s", (number, dtype, result) => {
    const converted = tensor([Number(number)], { dtype: "float64" }).to(known(dtype));
    expect(converted.item()).toBe(Number(result));
  });

  it("is right about what it says between the tables", () => {
    const bytes = tensor([255, 44], { dtype: "uint8" });
    expect(bytes.eq(-1).toArray()).toEqual([0, 0]);
    expect(bytes.lt(300).toArray()).toEqual([1, 1]);
    expect(bytes.add(bytes).toArray()).toEqual([254, 88]);
    expect(bytes.dot(bytes).item()).toBe(255 ** 2 + 44 ** 2);
    const whole = tensor([2, 1, -1], { dtype: "int32" });
    expect(() => whole.pow(-1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: pow: int32 [3] to the power -1 — integers have no negative powers; convert first: x.to("float32").pow(-1)]`,
    );
    expect(whole.pow(tensor([-1, -1, -1], { dtype: "int32" })).toArray()).toEqual([0, 1, -1]);
    expect(whole.to("float32").pow(-1).toArray()).toEqual([0.5, 1, -1]);
    expect(whole.pow(0).toArray()).toEqual([1, 1, 1]);
    expect(
      tensor([true, true])
        .add(tensor([true, false]))
        .toArray(),
    ).toEqual([2, 1]);
    expect(cat([tensor([1], { dtype: "int32" }), tensor([0.5])]).toArray()).toEqual([1, 0.5]);
    expect(() => tensor([300], { dtype: "uint8" })).toThrow("uint8 holds integers from 0 to 255");
  });
});

function hasGradients(x: Tensor): "yes" | "no" {
  try {
    return new Tensor(1, { dtype: x.dtype, requiresGrad: true }).requiresGrad ? "yes" : "no";
  } catch {
    return "no";
  }
}
