import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { blas, expectPath, kernelChoice, kernelLevel, threads } from "../../00-runtime/index.ts";

/** Where numbers came from: enough to tell why they differ from those of another day or machine. */
export interface Environment {
  readonly node: string;
  readonly v8: string;
  readonly os: string;
  readonly cpu: string;
  readonly cores: number;
  /** In bytes. */
  readonly memory: number;
  readonly kernels: string;
  readonly threads: number;
  /** The library that multiplies matrices, or null for the own kernels. */
  readonly blas: string | null;
  readonly packages: Readonly<Record<string, string>>;
  /** Variables that change what tensorgrad does. */
  readonly variables: Readonly<Record<string, string>>;
  readonly git: Git | null;
}

export interface Git {
  readonly commit: string;
  readonly branch: string;
  /** Whether files differed from the commit. */
  readonly dirty: boolean;
}

/** Whether a variable may change what tensorgrad computes. */
export const matters = (name: string): boolean => /^(TENSORGRAD|OPENBLAS|OMP|MKL)_/.test(name);

/** Looks at the machine, the process and the folder it works in. */
export function environment(folder = process.cwd()): Environment {
  expectPath("environment", folder);
  return {
    node: process.version,
    v8: process.versions.v8,
    os: `${platform()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    kernels: kernelChoice() === "simd" ? `WebAssembly SIMD (${kernelLevel()})` : "reference",
    threads: threads().wanted,
    blas: blasName(),
    packages: packages(),
    variables: Object.fromEntries(
      Object.entries(process.env).filter(
        (entry): entry is [string, string] => matters(entry[0]) && entry[1] !== undefined,
      ),
    ),
    git: git(folder),
  };
}

/** Loads the library, as the first product would. */
function blasName(): string | null {
  try {
    const { library } = blas();
    return library && `${[library.name, library.version].filter(Boolean).join(" ")} (${library.path})`;
  } catch {
    return null; // a setting that means nothing; the first product says so
  }
}

/** This package and what it runs on; those of the caller are in its lockfile. */
function packages(): Record<string, string> {
  const own = packageOf(dirname(fileURLToPath(import.meta.url)), "tensorgrad");
  if (!own) return {};
  const { version, dependencies = {}, optionalDependencies = {} } = own;
  const names = Object.keys({ ...dependencies, ...optionalDependencies }).sort();
  const found = names.flatMap((name) => {
    const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
    const at = folders.map((folder) => join(folder, name, "package.json")).find(existsSync);
    return at ? [[name, readPackage(at).version]] : [];
  });
  return Object.fromEntries([["tensorgrad", version], ...found]);
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const readPackage = (path: string): Package => JSON.parse(readFileSync(path, "utf8")) as Package;

/** The nearest package.json above: it is at another depth in the sources and in what is built of them. */
function packageOf(folder: string, name: string): Package | null {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const path = join(at, "package.json");
    if (!existsSync(path)) continue;
    const found = readPackage(path);
    if (found.name === name) return found;
  }
  return null;
}

/** Null outside of a repository, and where there is no git. */
export function git(folder: string): Git | null {
  const ask = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync("git", args, { cwd: folder, encoding: "utf8" });
    return status === 0 ? stdout.trim() : null;
  };
  const commit = ask("rev-parse", "HEAD");
  if (commit === null) return null;
  // Untracked files, such as the runs themselves, are not what the program was made of.
  const changes = ask("status", "--porcelain", "--untracked-files=no");
  return { commit, branch: ask("rev-parse", "--abbrev-ref", "HEAD") ?? "", dirty: changes !== "" };
}
