import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as micrograd from "micrograd";
import { scope, Tensor, zeros } from "tensorgrad";
import { Linear, Sequential } from "tensorgrad/nn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everyExport } from "./entries.fixture.ts";

/** Nothing that anyone means to give. */
const WRONG: readonly (readonly [name: string, value: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["7.5", 7.5],
  ['"words"', "words"],
  ["{}", {}],
  ["[]", []],
  ["true", true],
];

/** Arguments that are right, so that the wrong ones come after them. */
const BEFORE: readonly (readonly [name: string, make: () => unknown[]])[] = [
  ["", () => []],
  ["x, ", () => [zeros([2, 2])]],
  ["model, ", () => [new Sequential(new Linear(2, 2))]],
  ["x, x, ", () => [zeros([2, 2]), zeros([2, 2])]],
  ["2, 2, ", () => [2, 2]],
  ["[1, 2], ", () => [[1, 2]]],
  ['"a", ', () => ["a"]],
];

/** What V8 says where code reads a property of nothing, calls what is no function, or loops over what is no list. */
const RAW =
  /^(Cannot |undefined |null |object |Class constructor|Invalid (array|typed)|Reduce of empty|First argument|Maximum call)|is not (a function|iterable|a constructor|defined|an object)|intermediate value|called on incompatible/;

/** Entries that have names of their own; others repeat some of them. */
const OWN = 18;

/** What the packages of this project use of each other: kernels, arenas, recording. Their callers have checked already. */
const INTERNAL: readonly string[] = ["tensorgrad/runtime", "tensorgrad/runtime/node"];

/** Named functions that are parts of an export: checked by the calls that use them. */
const PARTS: readonly string[] = ["tensorgrad/functions"];

type Callable = (new (...args: unknown[]) => unknown) & ((...args: unknown[]) => unknown);

const isClass = (value: unknown): boolean =>
  /^class\b/.test(globalThis.Function.prototype.toString.call(value));

async function complaint(call: () => unknown): Promise<string> {
  try {
    using _ = scope();
    const result = call();
    if (result instanceof Promise) await result;
    if (typeof result === "object" && result !== null && Symbol.dispose in result)
      (result as Disposable)[Symbol.dispose]();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Every wrong value after every right beginning; a call that needs no argument is not begun with any. */
const beginnings = (value: Callable) => (value.length === 0 ? BEFORE.slice(0, 1) : BEFORE);

/** Calls that ended in a message of the machine's, and how many there were. */
async function raws(call: string, value: Callable): Promise<[raw: string[], calls: number]> {
  const found: string[] = [];
  for (const [before, make] of beginnings(value)) {
    for (const [shown, wrong] of WRONG) {
      const right = make();
      const args = [...right, ...Array(Math.max(1, value.length - right.length)).fill(wrong)];
      const message = await complaint(() => (isClass(value) ? new value(...args) : value(...args)));
      if (RAW.test(message)) found.push(`${call}(${before}${shown}): ${message}`);
    }
  }
  return [found, beginnings(value).length * WRONG.length];
}

const start = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "wrong-types-"));
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(start);
  rmSync(folder, { recursive: true, force: true });
});

const entries: readonly string[] = [...new Set((await everyExport()).map(({ entry }) => entry))].filter(
  (entry) => !INTERNAL.includes(entry) && !PARTS.includes(entry),
);

/** Methods with their calls: of a tensor, and of a scalar value of micrograd. */
const METHODS = [
  ["Tensor", Tensor.prototype, () => zeros([2, 2])],
  ["Value", micrograd.Value.prototype, () => micrograd.v(2)],
] as const;

describe("wrong types", () => {
  it("are tried on all entries but those between the packages", () => {
    expect(entries.length).toBeGreaterThanOrEqual(OWN);
  });

  it.each(entries)("are refused by every export of %s in words of ours", async (entry) => {
    const exports = (await everyExport()).filter(
      (exported) => exported.entry === entry && typeof exported.value === "function",
    );
    const found: string[] = [];
    let calls = 0;
    for (const { name, value } of exports) {
      const [raw, count] = await raws(name, value as Callable);
      found.push(...raw);
      calls += count;
    }
    expect(found).toEqual([]);
    expect(calls).toBeGreaterThanOrEqual(exports.length * WRONG.length);
  });

  it("are refused by micrograd in words of ours", async () => {
    const found: string[] = [];
    for (const [name, value] of Object.entries(micrograd))
      if (typeof value === "function") found.push(...(await raws(name, value as unknown as Callable))[0]);
    // Options that are null have no line in an engine of 380: JavaScript's own message names the option.
    expect(
      found.filter((text) => !/null\): Cannot read properties of null \(reading 'nonlin'\)/.test(text)),
    ).toEqual([]);
  });

  it.each(METHODS)("are refused by every method of %s", async (_, prototype, make) => {
    const found: string[] = [];
    const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(
      ([name, { value }]) => name !== "constructor" && typeof value === "function",
    );
    for (const [name, { value }] of methods) {
      const bound = (...args: unknown[]) => value.apply(make(), args);
      const call = Object.defineProperty(bound, "length", { value: value.length });
      found.push(...(await raws(name, call as unknown as Callable))[0]);
    }
    expect(found).toEqual([]);
    expect(methods.length).toBeGreaterThan(10);
  });
});
