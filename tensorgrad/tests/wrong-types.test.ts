// own process: it works in a folder of its own
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scope, zeros } from "tensorgrad";
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
];

/** What V8 says where code reads a property of nothing, calls what is no function, or loops over what is no list. */
const RAW =
  /^(Cannot |undefined |null |object |Class constructor|Invalid (array|typed)|Reduce of empty|First argument|Maximum call)|is not (a function|iterable|a constructor|defined|an object)|intermediate value|called on incompatible/;

/** The main entry: tensors, gradients, scopes. What is asked of files or of the whole machine is not called in vain. */
const ENTRY = "tensorgrad";

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

/** Calls that ended in a message of the machine's, and how many there were. */
async function raws(call: string, value: Callable): Promise<[raw: string[], calls: number]> {
  const found: string[] = [];
  for (const [before, make] of BEFORE) {
    for (const [shown, wrong] of WRONG) {
      const right = make();
      const args = [...right, ...Array(Math.max(1, value.length - right.length)).fill(wrong)];
      const message = await complaint(() => (isClass(value) ? new value(...args) : value(...args)));
      if (RAW.test(message)) found.push(`${call}(${before}${shown}): ${message}`);
    }
  }
  return [found, BEFORE.length * WRONG.length];
}

const start = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "wrong-types-"));
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(start);
  rmSync(folder, { recursive: true, force: true });
});

describe("wrong types", () => {
  it("are refused by every export of the main entry in words of ours", async () => {
    const exports = (await everyExport()).filter(
      ({ entry, value }) => entry === ENTRY && typeof value === "function",
    );
    const found: string[] = [];
    let calls = 0;
    for (const { name, value } of exports) {
      const [raw, count] = await raws(name, value as Callable);
      found.push(...raw);
      calls += count;
    }
    expect(found).toEqual([]);
    expect(calls).toBeGreaterThan(35 * 30);
  });
});
