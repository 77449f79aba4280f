import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const out = join(root, "out");
mkdirSync(out, { recursive: true });
const folder = mkdtempSync(join(out, "loader-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A whole program: it must end by itself, within a minute. */
function program(data: string, body: string): string {
  return `
    import { ImageDataset, DataLoader, Compose, RandomCrop, RandomHorizontalFlip } from ${JSON.stringify(data)};
    const transform = new Compose([new RandomCrop(8, { padding: 1 }), new RandomHorizontalFlip()]);
    const bytes = Uint8Array.from({ length: 300 * 64 }, (_, i) => (i * 7) % 256);
    const images = new ImageDataset(bytes, new Uint8Array(300), { shape: [1, 8, 8], transform });
    const loader = (workers) => new DataLoader(images, { batchSize: 16, workers, shuffle: true });
    const sum = async (batches) => {
      let total = 0;
      for await (const { x } of batches) for (const value of x.data) total += value;
      return total;
    };
    ${body}
  `;
}

const programs: Record<string, [body: string, printed: RegExp]> = {
  "after a whole pass": ["console.log((await sum(loader(2))) > 0);", /^true$/],
  "after a loop that was left": ["for await (const _ of loader(2)) break; console.log('left');", /^left$/],
  "with a loop that nobody finishes": [
    "await loader(2)[Symbol.asyncIterator]().next(); console.log('one');",
    /^one$/,
  ],
  "after an error in the loop": [
    "try { for await (const _ of loader(2)) throw new Error('mine'); } catch (error) { console.log(error.message); }",
    /^mine$/,
  ],
};

describe("a process with workers ends by itself", () => {
  const data = pathToFileURL(join(root, "tensorgrad/src/entries/data.ts")).href;
  for (const [name, [body, printed]] of Object.entries(programs)) {
    it(name, async () => {
      const file = join(folder, `${name.replaceAll(" ", "-")}.mts`);
      writeFileSync(file, program(data, body));
      const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
      const { stdout } = await run(process.execPath, [tsx, file], { timeout: 60_000, cwd: folder });
      expect(stdout.trim()).toMatch(printed);
    });
  }
});

describe("the built package", () => {
  const dist = join(folder, "dist");
  beforeAll(() => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const project = join(root, "tensorgrad/tsconfig.build.json");
    execFileSync(process.execPath, [
      tsc,
      "-p",
      project,
      "--outDir",
      dist,
      "--declaration",
      "false",
      "--noCheck",
    ]);
  });

  it("starts its workers without a loader for TypeScript, and they make the same batches", async () => {
    const file = join(folder, "built.mjs");
    const body = `
      const made = [];
      for (const workers of [0, 2]) {
        const { manualSeed } = await import(${JSON.stringify(pathToFileURL(join(dist, "entries/index.js")).href)});
        manualSeed(5);
        made.push(await sum(loader(workers)));
      }
      console.log(made[0] === made[1], made[0] > 0);
    `;
    writeFileSync(file, program(pathToFileURL(join(dist, "entries/data.js")).href, body));
    const { stdout } = await run(process.execPath, [file], { timeout: 60_000, cwd: folder });
    expect(stdout.trim()).toBe("true true");
  });

  it("makes data sets of TypeScript, for a program that runs with tsx", async () => {
    const data = JSON.stringify(pathToFileURL(join(dist, "entries/data.js")).href);
    writeFileSync(
      join(folder, "squares.mts"),
      `export class Squares {
         readonly length: number = 9;
         get(i: number): { x: number; y: number } { return { x: i * i, y: i }; }
         recipe() { return { module: import.meta.url, export: "Squares", arguments: [] }; }
       }`,
    );
    const file = join(folder, "squares-main.mts");
    writeFileSync(
      file,
      `import { DataLoader } from ${data};
       import { Squares } from "./squares.mts";
       let total: number = 0;
       for await (const { x } of new DataLoader(new Squares(), { batchSize: 4, workers: 1 })) for (const v of x.data) total += v;
       console.log(total);`,
    );
    const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
    const { stdout } = await run(process.execPath, [tsx, file], { timeout: 60_000, cwd: folder });
    expect(stdout.trim()).toBe("204");
  });
});
