import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { replaceDurably, writeDurably, writeDurablySync } from "./durable-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "durable-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("writeDurably", () => {
  const both = {
    writeDurably,
    writeDurablySync: async (...all: Parameters<typeof writeDurably>) => writeDurablySync(...all),
  };
  for (const [name, write] of Object.entries(both)) {
    describe(name, () => {
      it("replaces a file, its permissions and links to it left as they are", async () => {
        const path = join(folder, "file");
        await write(path, "one");
        chmodSync(path, 0o600);
        symlinkSync("file", join(folder, "link"));
        await write(join(folder, "link"), "two");
        expect(readFileSync(path, "utf8")).toBe("two");
        expect(statSync(path).mode & 0o777).toBe(0o600);
        expect(readlinkSync(join(folder, "link"))).toBe("file");
        expect(files()).toEqual(["file", "link"]);
      });

      it("writes under any name that the system allows", async () => {
        const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 255 });
        const allowed = names.filter(
          (text) => !/[/\0\\]|^\.\.?$/.test(text) && Buffer.byteLength(text) <= 255,
        );
        await fc.assert(
          fc.asyncProperty(allowed, async (file) => {
            await write(join(folder, file), file);
            expect(readFileSync(join(folder, file), "utf8")).toBe(file);
          }),
          { seed: 1, numRuns: 50 },
        );
      });

      it("refuses what is no regular file, and leaves it", async () => {
        mkdirSync(join(folder, "folder"));
        await expect(write(join(folder, "folder"), "")).rejects.toThrow(/folder is no regular file/);
        await expect(write("/dev/null", "")).rejects.toThrowErrorMatchingInlineSnapshot(
          `[TypeError: writeDurably: /dev/null is no regular file — it would be replaced by one; give another path]`,
        );
        expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
      });

      it("leaves the earlier file and no rest when writing fails", async () => {
        const path = join(folder, "file");
        await write(path, new Uint8Array([1]));
        await expect(write(path, { length: 3 } as Uint8Array)).rejects.toThrow(TypeError);
        expect(files()).toEqual(["file"]);
        expect([...readFileSync(path)]).toEqual([1]);
      });
    });
  }

  it("leaves the earlier file when what fills it fails in the middle", async () => {
    const path = join(folder, "file");
    await writeDurably(path, "whole");
    const broken = replaceDurably(path, async (temporary) => {
      writeFileSync(temporary, "half");
      throw new Error("the archive is damaged");
    });
    await expect(broken).rejects.toThrow("damaged");
    expect(files()).toEqual(["file"]);
    expect(readFileSync(path, "utf8")).toBe("whole");
  });

  it("survives a disk that is full", () => {
    // A limit on the size of files stands in for the disk: the write fails in its middle.
    const program = `
      import { writeDurably } from ${JSON.stringify(new URL("durable-file.ts", import.meta.url).href)};
      await writeDurably("good", new Uint8Array(100));
      process.exitCode = await writeDurably("good", new Uint8Array(5000)).then(() => 1, (error) => error.code === "EFBIG" ? 0 : 2);
    `;
    writeFileSync(join(folder, "program.mjs"), program);
    const run = spawnSync(
      "bash",
      ["-c", `ulimit -f 1; exec "$0" --import "$1" program.mjs`, process.execPath, tsx],
      {
        cwd: folder,
        encoding: "utf8",
        env: { ...process.env, TSX_DISABLE_CACHE: "1" },
      },
    );
    expect([run.status, run.stderr]).toEqual([0, ""]);
    expect(files()).toEqual(["good", "program.mjs"]);
    expect(readFileSync(join(folder, "good"))).toHaveLength(100);
  });
});

describe("threads that write to one path", () => {
  let threads: Worker[];
  beforeAll(() => {
    const fixture = new URL("../../../tests/00-runtime/writer.fixture.ts", import.meta.url).href;
    const program = `import("${import.meta.resolve("tsx/esm/api")}").then((tsx) => (tsx.register(), import("${fixture}")))`;
    threads = [1, 2].map(() => new Worker(program, { eval: true }));
  });
  afterAll(() => Promise.all(threads.map((thread) => thread.terminate())));

  it("all succeed, and one of their contents is there, whole, whatever an earlier process left", async () => {
    const content = fc.string({ maxLength: 2000 });
    const contents = fc.array(content, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(contents, contents, async (a, b) => {
        // What a process with this number would have left that wrote as many files.
        for (const n of [0, 1]) writeFileSync(join(folder, `file.${process.pid}-${n}.tmp`), "half");
        const file = join(folder, "file");
        const answers = threads.map((thread) => new Promise((resolve) => thread.once("message", resolve)));
        threads.forEach((thread, i) => void thread.postMessage({ path: file, contents: [a, b][i] }));
        expect(await Promise.all(answers)).toEqual([[], []]);
        expect([...a, ...b]).toContain(readFileSync(file, "utf8"));
        expect(files().filter((name) => !/-[01]\.tmp$/.test(name))).toEqual(["file"]);
      }),
      { seed: 1, numRuns: 20 },
    );
  });
});

// ————— helpers

const tsx = import.meta.resolve("tsx");
const files = (): string[] => readdirSync(folder).sort();
