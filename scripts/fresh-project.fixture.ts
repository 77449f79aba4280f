import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./markdown.ts";

export interface Manifest {
  readonly name: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The folders of the packages; a project finds them by the names in their manifests. */
export const folders = ["micrograd", "tensorgrad", "verify"] as const;

/**
 * Somebody's project: the packed packages, and of this workspace's `node_modules` only what their manifests ask for. So an import
 * of anything else fails here as it does for whoever installs them.
 */
export class FreshProject {
  readonly folder: string = mkdtempSync(join(tmpdir(), "fresh-project-"));
  /** Of each package, as packed. */
  readonly manifests: readonly Manifest[];
  /** The packed files, in the order of `folders`. */
  readonly tarballs: readonly string[];

  constructor() {
    this.write("package.json", JSON.stringify({ name: "fresh", private: true, type: "module" }));
    this.tarballs = folders.map((folder) => pack(folder, this.folder));
    this.manifests = this.tarballs.map((tarball) => this.#unpack(tarball));
    const { manifests } = this;
    const own = new Set(manifests.map(({ name }) => name));
    for (const { dependencies, optionalDependencies } of manifests)
      this.install(
        ...Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !own.has(name)),
      );
  }

  /** Makes packages of this workspace available, as they are. */
  install(...names: readonly string[]): void {
    for (const name of names) {
      const target = [root, ...folders.map((folder) => join(root, folder))]
        .map((place) => join(place, "node_modules", name))
        .find(existsSync);
      const link = join(this.folder, "node_modules", name);
      if (!target || existsSync(link)) continue; // optional packages are not on every machine
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(target, link, "junction");
    }
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  run(program: string, ...args: readonly string[]): SpawnSyncReturns<string> {
    const { VITEST: _, NODE_OPTIONS: __, ...env } = process.env;
    return spawnSync(program, args, { cwd: this.folder, encoding: "utf8", env });
  }

  /** The command of a package, by the name that `npx` knows. */
  command(name: string, ...args: readonly string[]): SpawnSyncReturns<string> {
    const { bin = {} } = this.manifests.find(({ bin }) => bin?.[name]) ?? {};
    return this.run(process.execPath, join(this.folder, "node_modules", name, bin[name]), ...args);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #unpack(tarball: string): Manifest {
    const place = join(this.folder, "unpacked");
    mkdirSync(place);
    spawnSync("tar", ["-xzf", tarball, "-C", place]);
    const manifest = JSON.parse(readFileSync(join(place, "package/package.json"), "utf8")) as Manifest;
    mkdirSync(join(this.folder, "node_modules"), { recursive: true });
    renameSync(join(place, "package"), join(this.folder, "node_modules", manifest.name));
    rmSync(place, { recursive: true });
    return manifest;
  }
}

function pack(folder: string, into: string): string {
  const before = new Set(readdirSync(into));
  spawnSync("npm", ["pack", "--pack-destination", into], {
    cwd: join(root, folder),
    shell: process.platform === "win32",
  });
  const [file] = readdirSync(into).filter((name) => !before.has(name));
  return join(into, file);
}
