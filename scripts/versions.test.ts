import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./markdown.ts";

interface Versioned {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Versioned =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Versioned;

describe("the version", () => {
  const { version } = manifestOf(".");
  const manifests = ["micrograd", "tensorgrad", "verify", "examples", "notes"].map(manifestOf);
  const own = new Set(manifests.map(({ name }) => name));

  it("is the same in every package, and where they ask for each other", () => {
    const others = manifests.flatMap(({ name, version: its, dependencies = {} }) => [
      [name, its],
      ...Object.entries(dependencies).filter(([dependency]) => own.has(dependency)),
    ]);
    expect(others.filter(([, its]) => its !== version)).toEqual([]);
  });

  it("is raised in all packages at once: changesets know each of them", () => {
    const config = readFileSync(join(root, ".changeset/config.json"), "utf8");
    const { fixed } = JSON.parse(config) as { fixed: string[][] };
    expect(fixed.map((names) => names.toSorted())).toEqual([[...own].sort()]);
  });

  it("is the one that the README shows, with notes of its release", () => {
    expect(readFileSync(join(root, "README.md"), "utf8")).toContain(`/badge/version-${version}-`);
    const notes = readFileSync(join(root, `notes/releases/${version}.md`), "utf8");
    expect(notes).toMatch(new RegExp(`^# ${version.replaceAll(".", "\\.")}: `));
  });
});
