import fc from "fast-check";
import { Random, scope } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { type Example, gradients, randomDirection } from "../gradients/evaluate.ts";
import type { Case } from "../table/case.ts";
import { cases } from "../table/cases.ts";
import { type Quantities, type Quantity, valueOf } from "./formula-language.fixture.ts";

describe("formulas", () => {
  it("say what is computed: y = …", () => {
    expect(
      cases.filter(({ formula: [said] }) => !/^\w+[^=]* \+?= /.test(said)).map(({ name }) => name),
    ).toEqual([]);
  });

  it("gives a gradient to the rows that can be differentiated, and to no other", () => {
    const differentiable = cases.filter(({ order }) => order > 0).map(({ name }) => name);
    const explained = cases.filter(({ formula: [, gradient] }) => gradient !== null).map(({ name }) => name);
    expect(explained).toEqual(differentiable);
  });

  const evaluated = cases.filter(({ formula: [, , kind] }) => kind !== "words");

  it("are true where numbers can be put in: values and gradients of rows as printed", () => {
    expect(evaluated.length).toBeGreaterThan(60);
  });

  it.each(evaluated.map((row) => [row.name, row] as const))("%s", (name, row) => {
    let compared = 0;
    for (const example of fc.sample(row.examples, { seed: 7, numRuns: 200 })) {
      if (compare(row, example)) compared++;
    }
    expect([name, compared >= 5]).toEqual([name, true]);
  });
});

describe("a formula that is not true", () => {
  const wrong = (name: string, formula: string, gradient: string) => () => {
    const row = cases.find((one) => one.name === name) as Case;
    for (const example of fc.sample(row.examples, { seed: 7, numRuns: 50 }))
      compare(row, example, [formula, gradient]);
  };

  it("is noticed in what it computes, and in its gradient", () => {
    expect(wrong("tanh", "y = tanh x", "g·(1 − y²)")).not.toThrow();
    expect(wrong("tanh", "y = sin x", "g·(1 − y²)")).toThrow("against");
    expect(wrong("tanh", "y = tanh x", "g·(1 − y)")).toThrow("against");
    expect(wrong("std", "y = √(Σ (x − mean x)²/n)", "g·(x − mean x)/((n − 1)·y)")).toThrow("against");
    expect(wrong("sub", "y = a − b", "a: g; b: g")).toThrow("against");
  });
});

describe("valueOf", () => {
  const of = (formula: string, values: Quantities = {}) => valueOf(formula, values);

  it("reads what people write", () => {
    expect(of("2·3² − 4/2")).toBe(16);
    expect(of("−x²", { x: 3 })).toBe(-9);
    expect(of("2^3^2")).toBe(512);
    expect(of("aᵇ⁻¹", { a: 2, b: 5 })).toBe(16);
    expect(of("|x| + ⌊2.5⌋ + ⌈x⌉", { x: -1.5 })).toBe(1.5 + 2 - 1);
    expect(of("tanh² u with u = 2·x", { x: 0.5 })).toBeCloseTo(Math.tanh(1) ** 2, 15);
    expect(of("f(2) + f(3) with f(t) = t² + x", { x: 1 })).toBe(15);
    expect(of("erf x", { x: 0.5 })).toBeCloseTo(0.5204998778130465, 13);
  });

  it("knows vectors, and what is summed over them", () => {
    expect(of("Σ x·y / n", { x: [1, 2], y: [3, 4], n: 2 })).toBe(5.5);
    expect(of("x − mean x", { x: [1, 2, 6] })).toEqual([-2, -1, 3]);
    expect(of("max |x|", { x: [1, -3, 2] })).toBe(3);
    expect(of("1 where x < 0, 2 where x = 0, else 3", { x: [-1, 0, 1] })).toEqual([1, 2, 3]);
    expect(of("round x", { x: [0.5, 1.5, 2.5, -0.5, 1.2] })).toEqual([0, 2, 2, -0, 1]);
  });

  it("says where a formula stops making sense", () => {
    expect(() => of("2·(x + ", { x: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[SyntaxError: formula "2·(x + ": stuck after "2 · ( x +"]`,
    );
    expect(() => of("g to the larger", { g: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[SyntaxError: formula "g to the larger": stuck after "g"]`,
    );
    expect(() => of("max(a, 1", { a: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[SyntaxError: formula "max(a, 1": stuck after "max ( a , 1" — ")" is due]`,
    );
  });
});

/** Holds one example to the printed formula; false for shapes that the notation does not cover. */
function compare(row: Case, example: Example, [formula, gradient] = row.formula): boolean {
  using _ = scope();
  const { inputs, run } = example;
  if (/reduction: "(sum|none|batchmean)"/.test(example.options ?? "")) return false;
  const y = run(...inputs);
  const isVector = inputs.every(({ rank }) => rank <= 1) && y.rank <= 1;
  const isMap = inputs.every(({ shape }) => String(shape) === String(y.shape));
  const reduces = /Σ|Π|⋁|⋀|mean|max [x|]|min [x|]/.test(`${formula} ${gradient}`);
  const n = inputs[0].size;
  if (n === 0 || !(reduces ? isVector && inputs.every((x) => x.size === n) : isMap)) return false;
  if (reduces && !("softmax logSoftmax".includes(row.name) || y.size === 1)) return false;

  const named = (all: readonly Quantity[]) =>
    Object.fromEntries(row.inputNames.map((name, k) => [name, all[k]]));
  const values: Quantities = { ...options(example), n, ...named(inputs.map(({ data }) => [...data])) };
  agree(y.data, valueOf(formula.slice(formula.indexOf("= ") + 2), values));
  if (gradient === null) return true;
  const v = randomDirection(y.size, new Random(1));
  const single = y.size === 1; // a number among vectors
  const all = { y: single ? y.item() : [...y.data], ...values, g: single ? v[0] : [...v] };
  const found = gradients(example, v);
  for (const rule of gradient.split(/; (?=\w+: )/)) {
    const [, name = row.inputNames[0], body] = /^(?:(\w+): )?(.*)$/.exec(rule) as unknown as string[];
    agree(found[row.inputNames.indexOf(name)], valueOf(body, all));
  }
  return true;
}

/** `{ slope: 0.1, dim: 0 }`, as the example prints it. */
const options = ({ options = "" }: Example): Quantities =>
  Object.fromEntries(
    [...options.matchAll(/(\w+): (-?[\d.]+)/g)].map(([, key, value]) => [key, Number(value)]),
  );

function agree(found: ArrayLike<number>, due: Quantity): void {
  const expected = Array.from(found, (_, i) => (typeof due === "number" ? due : due[i]));
  const scale = Math.max(1, ...expected.map(Math.abs));
  const off = Math.max(...expected.map((n, i) => Math.abs(n - found[i])));
  expect(off / scale, `${Array.from(found)} against ${expected}`).toBeLessThan(1e-10);
}
