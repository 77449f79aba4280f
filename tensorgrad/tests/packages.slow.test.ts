import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const packages = ["micrograd", "tensorgrad", "verify"] as const;

describe.each(packages)("the package %s", (name) => {
  const folder = join(root, name);

  it("carries its license, and no source map that leads nowhere", () => {
    const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json"], { cwd: folder, encoding: "utf8" });
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
    expect(paths.filter((path) => path.endsWith(".map"))).toEqual([]);
    const mapped = paths.filter(
      (path) =>
        path.endsWith(".js") && readFileSync(join(folder, path), "utf8").includes("sourceMappingURL="),
    );
    expect(mapped).toEqual([]);
  });

  it("has the license of the repository", () => {
    expect(readFileSync(join(folder, "LICENSE"), "utf8")).toBe(readFileSync(join(root, "LICENSE"), "utf8"));
  });
});

describe("the types of tensorgrad", () => {
  it("pass without skipLibCheck, with what the README says is needed", () => {
    const folder = mkdtempSync(join(tmpdir(), "types-"));
    mkdirSync(join(folder, "node_modules"));
    for (const name of readdirSync(join(root, "node_modules")).filter((name) => !name.startsWith(".")))
      symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
    const entries = [
      "",
      "/nn",
      "/optim",
      "/train",
      "/data",
      "/text",
      "/onnx",
      "/functions",
      "/runtime",
      "/agreement",
    ];
    const lines = entries.map((entry) => `import "tensorgrad${entry}";\n`);
    writeFileSync(join(folder, "program.ts"), lines.join(""));
    const compilerOptions = {
      ...{ target: "ES2022", module: "nodenext", lib: ["ES2022", "DOM"], types: ["node"] },
      ...{ strict: true, skipLibCheck: false, noEmit: true },
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: ["program.ts"] }),
    );
    const tsc = join(root, "node_modules/.bin/tsc");
    const { stdout, status } = spawnSync(tsc, ["-p", folder], { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, ""]);
    rmSync(folder, { recursive: true });
  });
});
