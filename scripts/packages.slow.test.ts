import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./markdown.ts";

interface Manifest {
  readonly name: string;
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

describe.each(["micrograd", "tensorgrad", "verify"])("the package in %s/", (folder) => {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
  const entries = Object.entries(manifest.exports);

  it("has built every entry it exports", () => {
    const missing = entries
      .flatMap(([, targets]) => Object.values(targets))
      .filter((file) => !existsSync(join(root, folder, file)));
    expect(missing).toEqual([]);
  });

  it("is imported by plain Node, without a loader", () => {
    const imports = entries.map(
      ([entry]) => `await import(${JSON.stringify(join(manifest.name, entry).replaceAll("\\", "/"))});`,
    );
    const program = `${imports.join("\n")}\nconsole.log("imported");`;
    const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: root,
      encoding: "utf8",
    });
    expect(printed).toBe("imported\n");
  });

  it("packs what it needs and nothing else", () => {
    const listed = execFileSync("npm", ["pack", "--dry-run", "--json"], {
      cwd: join(root, folder),
      encoding: "utf8",
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const report = JSON.parse(listed) as
      | { files: { path: string }[] }[]
      | Record<string, { files: { path: string }[] }>;
    const paths = Object.values(report)[0].files.map(({ path }) => path);
    expect(paths).toContain(folder === "tensorgrad" ? "dist/entries/index.js" : "dist/index.js");
    expect(paths.filter((path) => /\.test\.|\.fixture\.|\.simd\.|^src/.test(path))).toEqual([]);
  });
});
