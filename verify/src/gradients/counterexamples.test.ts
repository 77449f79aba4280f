import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { FormatError } from "tensorgrad";
import { afterAll, describe, expect, it } from "vitest";
import { mutants } from "../mutants/mutants.ts";
import { cases } from "../table/cases.ts";
import { type Counterexample, readCounterexample, replay, saveCounterexample } from "./counterexamples.ts";
import { checkCase } from "./gradients.ts";

const found = fileURLToPath(new URL("../../counterexamples", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "counterexamples-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("what was wrong once", () => {
  const files = readdirSync(found);

  it("is kept", () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files)("%s stays right", (file) => {
    expect(replay(readCounterexample(join(found, file)))).toBeNull();
  });

  it("would be seen again", () => {
    const remove = planted("pow: masked where the exponent is 0");
    const saved = readCounterexample(join(found, "pow-1.json"));
    expect(replay(saved)?.law).toBe(saved.law);
    remove();
  });
});

describe("saveCounterexample", () => {
  it("writes nothing for a row that passed", () => {
    expect(saveCounterexample(folder, { name: "x", ...checkCase(row("exp"), { runs: 2 }) })).toEqual([]);
  });

  it("keeps inputs, options, seed and path; replaying does not depend on the numbers being drawn again", () => {
    const remove = planted("mul: gradients swapped");
    let saved: Counterexample;
    try {
      const [file] = saveCounterexample(folder, { name: "mul", ...checkCase(row("mul"), { runs: 20 }) });
      saved = readCounterexample(file);
      expect(replay(saved)?.law).toBe(saved.law);
      const others: Counterexample = {
        ...saved,
        inputs: saved.inputs.map((x) => ({ ...x, data: x.data.map(() => 0) })),
      };
      expect(replay(others)).not.toEqual(replay(saved));
    } finally {
      remove(); // others use the same worker
    }
    expect(replay(saved)).toBeNull();
  });

  it("reads back only what can be drawn again, whatever the file says", () => {
    const saved = readCounterexample(join(found, "pow-1.json"));
    const file = join(folder, "edited.json");
    const read = (changes: object): Counterexample => {
      writeFileSync(file, JSON.stringify({ ...saved, ...changes }));
      return readCounterexample(file);
    };
    const path = fc.oneof(fc.string(), fc.constantFrom("1e9", "99999999999", "0:1e9"), fc.nat().map(String));
    const inputs = fc.oneof(
      fc.json().map((text) => JSON.parse(text)),
      fc.array(fc.constantFrom(null, 1, {}, saved.inputs[0])),
    );
    fc.assert(
      fc.property(fc.record({ path, inputs }, { requiredKeys: [] }), (changes) => {
        try {
          const { path: kept } = read(changes);
          expect(kept.split(":").every((place) => Number(place) <= 100_000)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { seed: 1 },
    );
    const edited = (): unknown => read({ path: "1e9" });
    expect(edited).toThrow(`edited.json has the path "1e9" — places up to 100000, as in "12:3"`);
  });

  it("names a row that is gone", () => {
    const saved = { ...readCounterexample(join(found, "pow-1.json")), row: "power" };
    expect(() => replay(saved)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: replay: no row named "power" in the table of cases]`,
    );
  });
});

function row(wanted: string) {
  const one = cases.find(({ name }) => name === wanted);
  if (!one) throw new Error(`no row ${wanted}`);
  return one;
}

function planted(wanted: string): () => void {
  const mutant = mutants.find(({ name }) => name === wanted);
  if (!mutant) throw new Error(`no fault ${wanted}`);
  return mutant.plant();
}
