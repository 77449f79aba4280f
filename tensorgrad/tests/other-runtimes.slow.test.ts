import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** `scripts/runtimes.sh` installs those that are not in PATH. */
const RUNTIMES = [
  { name: "node", flags: [] },
  { name: "node22", flags: [] },
  { name: "node24", flags: [] },
  { name: "bun", flags: [] },
  { name: "deno", flags: ["run", "--allow-all"] },
];

/** Below the project, so that koffi is found from there. */
const out = fileURLToPath(new URL("../../out", import.meta.url));
let folder: string;
let program: string;

beforeAll(async () => {
  mkdirSync(out, { recursive: true });
  folder = mkdtempSync(join(out, "runtimes-"));
  program = join(folder, "program.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./other-runtimes.fixture.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile: program,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(RUNTIMES)("$name", ({ name, flags }) => {
  const here = spawnSync(name, ["--version"]).status === 0;

  it.runIf(here)("multiplies on two threads with the bits of one, with a BLAS and without", () => {
    const { stdout, stderr } = spawnSync(name, [...flags, program], { encoding: "utf8", timeout: 50_000 });
    expect(stdout, stderr).not.toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      same: { off: true, auto: true },
      threads: { working: 2, failure: null },
    });
  });
});
