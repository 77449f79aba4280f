import { describe, expect, it } from "vitest";
import { checkRow } from "../gradients/gradients.ts";
import { operationParity } from "../parity/operation.ts";
import { cases } from "../table/cases.ts";
import type { Results } from "../verification.ts";
import { indexOf } from "./index.ts";
import { familiesOf } from "./rows.ts";

const settings = { seed: 1, filter: "", runs: 5, directions: 2, seeds: 1, parityRuns: 5 } as never;
const row = (name: string) => cases.find((one) => one.name === name) as (typeof cases)[number];
const faults = [
  { name: "tanh: gradient off by a factor 1 + 1e-8", seeds: 20, caught: 20, laws: ["differences"] },
  { name: "backward: gradient assigned instead of accumulated", seeds: 20, caught: 19, laws: ["<two>"] },
];
const results: Results = {
  completeness: {} as never,
  gradients: ["tanh", "mul", "eq"].map((name) => checkRow(row(name), settings)),
  programs: null,
  references: null,
  kernels: null,
  planted: faults,
  operations: [await operationParity(row("tanh")), await operationParity(row("eq"))],
  models: null,
  backward: null,
  training: null,
  differences: null,
  randomModels: null,
  rules: null,
  randomBackward: null,
  scalars: null,
};
const summary = { json: {} as never, lines: ["first derivatives: 2 of 2"], misses: ["a <fault>"] };
const page = indexOf(["npm run verify -- all"], summary, results);
/** What a click on this operation opens. */
const opened = (name: string) =>
  page.split("<details").find((part) => part.includes(`<span class="name">${name}</span>`)) ?? "";

describe("indexOf", () => {
  it("opens an operation to its formula, its checks and its worst case", () => {
    expect(opened("tanh")).toContain("<code>y = tanh x</code>");
    expect(opened("tanh")).toContain("<code>g·(1 − y²)</code>");
    expect(opened("tanh")).toMatch(/first and second order, float64: \d+ directions on 5 examples/);
    expect(opened("tanh")).toContain("caught on 20 of 20 seeds by differences");
    expect(opened("tanh")).toContain("Tanh: 20 examples");
    expect(opened("tanh")).toMatch(
      /<code>x \[.*\] = .*<\/code><code>y.*: ours .*, ONNX Runtime .*, float64 /,
    );
  });

  it("says what was not run, and where nothing flows back", () => {
    expect(opened("eq")).toContain("none: nothing flows back");
    expect(opened("mul")).not.toContain("<dt>ONNX Runtime</dt>");
    expect(indexOf([], summary, { ...results, gradients: null, operations: null })).toContain(
      "No single operation",
    );
  });

  it("opens what was missed by itself, and escapes what it shows", () => {
    expect(opened("mul")).toMatch(/^ open>.*MISS/);
    expect(opened("mul")).toContain("caught on 19 of 20 seeds by &lt;two&gt;");
    expect(opened("tanh")).not.toMatch(/^ open/);
    expect(page).toContain("missed: a &lt;fault&gt;");
  });

  it("needs neither a network nor a script", () => {
    expect(page).not.toMatch(/https?:|src=|<script|@import|url\(/);
    expect(page.match(/href="[^"]*"/g)).toEqual(['href="parity.html"']);
  });
});

describe("familiesOf", () => {
  it("has every row of the table in exactly one family", () => {
    const all = cases.map(({ name }) => ({ name, passed: true, skipped: "not run" }));
    const names = familiesOf({ ...results, operations: all as never }).flatMap(({ evidence }) =>
      evidence.map(({ row }) => row.name),
    );
    expect(names.sort()).toEqual(cases.map(({ name }) => name).sort());
  });
});
