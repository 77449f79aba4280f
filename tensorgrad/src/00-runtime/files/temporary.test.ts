import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sweep, temporaryFor, writer } from "./temporary.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "temporary-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("temporaryFor", () => {
  it("gives every file its own name, in the folder of the file", () => {
    const paths = Array.from({ length: 100 }, () => temporaryFor(join(folder, "a".repeat(255))));
    expect(new Set(paths).size).toBe(100);
    for (const path of paths) writeFileSync(path, ""); // the system allows it
    expect(readdirSync(folder)).toHaveLength(100);
  });
});

describe("sweep", () => {
  const [machine] = writer.split("-");
  const dead = spawnSync(process.execPath, ["-e", "0"]).pid;
  const [hour, week] = [60 * 60, 7 * 24 * 60 * 60];

  /** Who wrote a file, when (in seconds before now), and whether that writer is gone for sure. */
  const writers: readonly [who: string, age: number, gone: boolean][] = [
    [`${machine}-${dead}`, 0, true],
    [`${machine}-${process.ppid}`, week, false],
    [`${machine}-${process.pid}`, 0, false], // another thread
    [`${machine}-${process.pid}`, week, true], // an earlier process with this number
    ["0123abcd-1", hour, false], // another machine
    ["0123abcd-1", week, true],
  ];

  it("removes what dead writers left, folders as well, and nothing else", async () => {
    const left = fc.record({
      by: fc.constantFrom(...writers),
      token: fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 12, maxLength: 12 }),
      isFolder: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(left, { selector: ({ token }) => token, maxLength: 8 }),
        async (all) => {
          const [mine, other] = [temporaryFor(join(folder, "a")), join(folder, "b.tmp")];
          for (const path of [mine, other]) writeFileSync(path, "half");
          utimesSync(mine, 1, 1); // a clock that was set does not matter here
          const names = all.map(({ by: [who, age], token, isFolder }) => {
            const path = join(folder, `a.${who}-${token}-0.tmp`);
            if (isFolder) mkdirSync(path);
            else writeFileSync(path, "half");
            utimesSync(path, Date.now() / 1000 - age, Date.now() / 1000 - age);
            return path;
          });
          const gone = names.filter((_, i) => all[i].by[2]).map((path) => path.slice(folder.length + 1));
          expect((await sweep(folder)).sort()).toEqual(gone.sort());
          expect(readdirSync(folder)).toHaveLength(2 + names.length - gone.length);
          for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });
});
