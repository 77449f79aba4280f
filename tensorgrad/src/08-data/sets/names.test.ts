import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { Names } from "./names.ts";
import { syntheticNames, WordList } from "./word-list.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "names-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("WordList", () => {
  it("has each word once, in the order in which they came", () => {
    const list = new WordList(["b", "a", "b"]);
    expect([list.length, list.get(0), list.get(1), list.has("a"), list.has("c")]).toEqual([
      2,
      "b",
      "a",
      true,
      false,
    ]);
  });

  it("splits without a word in both parts", () => {
    const all = syntheticNames({ count: 500, random: new Random(1) });
    const [train, rest] = all.split(0.9, new Random(2));
    expect([train.length, rest.length]).toEqual([450, 50]);
    expect([...train.words, ...rest.words].sort()).toEqual([...all.words].sort());
    expect(train.words).not.toEqual(all.words.slice(0, 450)); // drawn, not cut
  });

  it("refuses what is not there", () => {
    expect(() => new WordList(["a"]).get(1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: WordList.get: index 1 — there are 1 words, counted from 0]`,
    );
    expect(() => new WordList(["a"]).split(2)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: WordList.split: share 2 — a number from 0 to 1]`,
    );
  });
});

describe("syntheticNames", () => {
  it("are different ones, the same for the same seed", () => {
    const [a, b] = [1, 1].map((seed) => syntheticNames({ count: 300, random: new Random(seed) }).words);
    expect(a).toEqual(b);
    expect(new Set(a).size).toBe(300);
    expect(a.every((name) => /^[a-z]{3,15}$/.test(name))).toBe(true);
  });

  it("can run out", () => {
    expect(() => syntheticNames({ count: 1e6 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: syntheticNames: count 1000000 — an integer from 0 to 20,000]`,
    );
  });
});

describe("Names", () => {
  it("reads a line as a name", async () => {
    writeFileSync(join(folder, "names.txt"), "emma\nava\nemma\n");
    const names = await Names.load({ data: folder, download: false, verify: false });
    expect(names.words).toEqual(["emma", "ava"]);
  });

  it("refuses another file, unless that is wanted", async () => {
    await expect(Names.load({ data: folder, download: false })).rejects.toThrow("names.txt");
  });

  it("says what stands in where there is none", async () => {
    const options = { data: "", cache: join(folder, "none"), download: false };
    await expect(Names.load(options)).rejects.toThrow("syntheticNames");
  });

  it.skipIf(!process.env.TENSORGRAD_DATA)("are 29,494 of 2 to 15 letters", async () => {
    const { length, words } = await Names.load({ download: false });
    expect(length).toBe(29_494);
    expect(words.every((name) => /^[a-z]{2,15}$/.test(name))).toBe(true);
  });
});
