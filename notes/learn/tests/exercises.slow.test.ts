import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { staleness } from "../author/command.ts";
import { complaintsAbout } from "../author/rules.ts";
import { verifyExercise } from "../author/verify.ts";
import { type Catalogue, type Entry, readCatalogue, strays } from "../engine/catalogue.ts";
import { Learn } from "../learner/learn.ts";
import { temporary } from "./sample.fixture.ts";

const catalogue: Catalogue = await readCatalogue();

/** One exercise of every third module, another every day; all of them with VERIFY_DEPTH=full. */
function drawn({ entries, modules }: Catalogue): readonly Entry[] {
  if (process.env.VERIFY_DEPTH === "full") return entries;
  const seed = Number(process.env.VERIFY_SEED ?? Math.floor(Date.now() / 86_400_000));
  return modules
    .filter((_, i) => (i + seed) % 3 === 0)
    .map((module) => {
      const own = entries.filter((entry) => entry.module === module);
      return own[seed % own.length];
    });
}

describe("the exercises", () => {
  const folder = temporary();
  let learn: Learn;
  beforeAll(async () => {
    learn = await Learn.open({ catalogue, workspace: folder.path });
  });
  afterAll(async () => {
    await learn[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it("keep to the rules that can be read off", () => {
    expect(complaintsAbout(catalogue, catalogue.entries)).toEqual([]);
  });

  it("own every marker in the sources they are cut from", () => {
    const sources = new Set(
      catalogue.entries.flatMap(({ exercise }) => ("source" in exercise ? [exercise.source] : [])),
    );
    expect(strays(catalogue, [...sources])).toEqual([]);
  });

  it.each(drawn(catalogue).map((entry) => [entry.exercise.id, entry] as const))(
    "%s is proved",
    async (_, entry) => {
      const verified = await verifyExercise(learn, entry);
      expect([...verified.complaints, ...staleness(catalogue, entry, verified)]).toEqual([]);
    },
  );
});
