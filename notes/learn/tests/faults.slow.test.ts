import { describe, expect, it } from "vitest";
import { mutants } from "../../../verify/src/mutants/mutants.ts";
import { readCatalogue } from "../engine/catalogue.ts";

const planted = new Set(mutants.map(({ name }) => name));
/** What a fault is called without the row that it stands in. */
const wordsOf = (name: string): string => name.replace(/^.*?: /, "");
const words = new Set([...planted].map(wordsOf));

/** Mistakes that share a fault's words, and are made in another operation. */
const OTHERS = ["tensor-gemm: strides ignored"];

describe("mistakes of learners and planted faults", async () => {
  const { entries } = await readCatalogue();
  const mistakes = entries.flatMap(({ exercise }) =>
    exercise.mistakes.map((mistake) => ({ ...mistake, of: `${exercise.id}: ${mistake.name}` })),
  );

  it("are one list where they mean the same: each fault that a mistake names is planted by verify", () => {
    const named = mistakes.filter(({ fault }) => fault !== undefined);
    expect(
      named.filter(({ fault }) => !planted.has(fault ?? "")).map(({ of, fault }) => `${of} → ${fault}`),
    ).toEqual([]);
    expect(named.length).toBeGreaterThan(40);
  });

  it("name each other where they have the same words", () => {
    const silent = mistakes.filter(
      ({ name, fault }) => !fault && (planted.has(name) || words.has(wordsOf(name))),
    );
    expect(silent.map(({ of }) => of)).toEqual(OTHERS);
  });

  it("no fault is named by two mistakes of one exercise", () => {
    const pairs = entries.flatMap(({ exercise }) =>
      exercise.mistakes.flatMap(({ fault }) => (fault ? [`${exercise.id}: ${fault}`] : [])),
    );
    expect(pairs).toHaveLength(new Set(pairs).size);
  });
});
