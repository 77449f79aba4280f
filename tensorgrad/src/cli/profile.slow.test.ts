import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "profile-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As from a shell: the command in a process of its own. */
function profiled(code: string, ...flags: string[]) {
  const script = join(folder, "script.mts");
  writeFileSync(script, code);
  const start = join(folder, "start.mts");
  const main = JSON.stringify(join(root, "tensorgrad/src/cli/main.ts"));
  writeFileSync(start, `import { main } from ${main}; process.exitCode = await main(process.argv.slice(2));`);
  const args = ["--import", "tsx", start, "profile", ...flags, script, "--own", "7"];
  return spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
}

describe("tensorgrad profile", () => {
  it("runs a script with its arguments until it ends itself, and reports in a table, a page, a trace and JSON", () => {
    const [page, trace] = [join(folder, "page.html"), join(folder, "trace.json")];
    const { stdout, status } = profiled(
      `import { randn } from ${JSON.stringify(join(root, "tensorgrad/src/entries/index.ts"))};
       import { Linear } from ${JSON.stringify(join(root, "tensorgrad/src/entries/nn.ts"))};
       new Linear(4, 3).forward(randn([2, 4])).sum().backward();
       console.log(process.argv.slice(2).join(" "));
       process.exit(3);`,
      ...["--page", page, "--trace", trace, "--top", "2", "--json"],
    );
    expect(status).toBe(3);
    expect(stdout).toMatch(/^--own 7\n\nphase +layer +operation/);
    const json = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as {
      rows: { path: string; operation: string }[];
    };
    expect(json.rows).toContainEqual(
      expect.objectContaining({ path: "Linear", operation: "Affine", phase: "backward" }),
    );
    expect(readFileSync(page, "utf8")).toContain("Flame graph");
    expect(JSON.parse(readFileSync(trace, "utf8"))).toHaveProperty("traceEvents");
  });

  it("says so where the library was not used", () => {
    const { stderr, status } = profiled("console.log(1)");
    expect(stderr).toMatch(/^profile: no operation ran of the library in .*same installation/m);
    expect(status).toBe(0);
  });
});
