import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const src = join(root, "tensorgrad/src");
/** The packages and what helps to build them; every import of theirs is looked at. */
const parts = ["micrograd", "tensorgrad", "verify", "examples", "bench", "notes", "scripts"];

/** Every TypeScript source below a folder, generated ones left out. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/(node_modules|dist|generated|out)[\\/]/.test(relative(root, path)));
}

const files = parts.flatMap((part) => sources(join(root, part)));
const shown = (path: string): string => relative(root, path).replaceAll("\\", "/");
const isTest = (path: string): boolean => /\.(test|fixture|agreement)\.ts$/.test(path);

/** What a file imports, as typed. */
const importsOf = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(/^[^*`]*?(?:from|import)\s*\(?\s*"([^"]+)"/gm)].map(
    ([, target]) => target,
  );

/** `tensorgrad`, `tensorgrad/nn` → a file of entries/; `micrograd`, `gradverify` → their index. */
function fileOf(target: string, from: string): string | null {
  if (target.startsWith(".")) {
    const file = resolve(dirname(from), target);
    return file.endsWith(".simd") ? `${file}.ts` : file; // AssemblyScript adds the ending itself
  }
  const [name, ...rest] = target.split("/");
  if (name === "tensorgrad") return join(src, "entries", `${rest.join("/") || "index"}.ts`);
  const folder = { micrograd: "micrograd", gradverify: "verify" }[name];
  return folder ? join(root, folder, "src", `${rest[0] ?? "index"}.ts`) : null;
}

/** The folder that has a rank: `tensorgrad/src/05-autograd`, `tensorgrad/tests/05-autograd`, `verify`. */
function folderOf(path: string): string {
  const [part, kind, folder] = shown(path).split("/");
  if (part === "notes" && kind === "site") return "notes/site"; // shows what all others say
  if (part !== "tensorgrad") return part;
  return folder?.includes(".") ? `${part}/${kind}` : `${part}/${kind}/${folder}`;
}

const NAMED: Readonly<Record<string, number>> = {
  micrograd: -1,
  "tensorgrad/src/generated": -1,
  "tensorgrad/src/plots": 0.5, // imports 00 only; every module may draw
  "tensorgrad/src/onnx": 100,
  "tensorgrad/src/21-serving": 100.5, // serves models that onnx reads and writes
  "tensorgrad/src/agreement": 101,
  "tensorgrad/src/entries": 102,
  "tensorgrad/src/cli": 103,
  "tensorgrad/tests": 104,
  verify: 110,
  examples: 120,
  notes: 130,
  bench: 130,
  scripts: 140,
  "notes/site": 150,
};

/** `…/02-activations` → 2; files may import from folders of a smaller rank, and from their own. */
function rank(folder: string): number {
  const number =
    NAMED[folder] ??
    NAMED[folder.replace("/tests/", "/src/")] ??
    Number.parseInt(folder.split("/").at(-1) ?? "", 10);
  if (Number.isNaN(number)) throw new Error(`${folder} has no rank`);
  return number;
}

const sameModule = (a: string, b: string): boolean => a.split("/").at(-1) === b.split("/").at(-1);

describe("modules", () => {
  it("import only from folders before them, tests and fixtures included", () => {
    const wrong = files.flatMap((path) =>
      importsOf(path).flatMap((target) => {
        const file = fileOf(target, path);
        if (file === null || !existsSync(file)) return []; // text that only looks like an import
        const [from, to] = [folderOf(path), folderOf(file)];
        if (from === to || sameModule(from, to) || rank(to) < rank(from)) return [];
        return isTest(path) && isPublic(file) ? [] : [`${shown(path)} → ${target}`];
      }),
    );
    expect(files.length).toBeGreaterThan(600);
    expect(wrong).toEqual([]);
  });

  it("use each other through an index", () => {
    const wrong = files
      .filter((path) => path.startsWith(src) && !isTest(path))
      .flatMap((path) =>
        importsOf(path).flatMap((target) => {
          const file = fileOf(target, path);
          if (file === null || folderOf(file) === folderOf(path) || file.includes("generated")) return [];
          return throughIndex(path, file) ? [] : [`${shown(path)} → ${target}`];
        }),
      );
    expect(wrong).toEqual([]);
  });

  it("leave protobuf to onnx/; the one other file format made of it is TensorBoard's", () => {
    const users = files.filter((path) =>
      importsOf(path).some((target) => target.startsWith("@bufbuild/protobuf")),
    );
    const others = users.map(shown).filter((path) => !path.startsWith("tensorgrad/src/onnx/"));
    expect(users.length).toBeGreaterThan(others.length);
    expect(others).toEqual(["tensorgrad/src/07-training/experiments/tensorboard.ts"]);
  });
});

/** Tests are users, too: they may import what a user can, the numbers that kernels are tried on, and fixtures of no module. */
const isPublic = (file: string): boolean =>
  /^tensorgrad\/(src\/(entries|agreement)\/|tests\/[^/]+\.fixture\.ts$)/.test(shown(file));

function throughIndex(path: string, file: string): boolean {
  const [from, to] = [folderOf(path), folderOf(file)];
  if (/[\\/](index|public|node)\.ts$/.test(file)) return true;
  // Kernels are below tensors: they share helpers with 00-runtime file by file.
  if (/\.(simd|reference|split)\.ts$/.test(path) && to.endsWith("/00-runtime")) return true;
  if (/\.simd\.ts$/.test(path) && /\.simd\.ts$/.test(file)) return true;
  // Tables of Functions and of kernels list what no user imports.
  if (from.endsWith("/agreement")) return true;
  return from.endsWith("/entries") && /[\\/](functions|function|recording|onnx-words)\.ts$/.test(file);
}

describe("sources", () => {
  it("stay within 300 lines", () => {
    const long = files.filter(
      (path) => !path.endsWith(".test.ts") && readFileSync(path, "utf8").split("\n").length > 301,
    );
    expect(long.map(shown)).toEqual([]);
  });

  it("stand at most 34 to a folder", () => {
    const count = new Map<string, number>();
    for (const path of files.filter((path) => !path.endsWith(".test.ts")))
      count.set(dirname(path), (count.get(dirname(path)) ?? 0) + 1);
    expect([...count].filter(([, n]) => n > 34).map(([folder, n]) => `${shown(folder)}: ${n}`)).toEqual([]);
  });

  it("live in modules, or in one of few folders beside them", () => {
    const others = readdirSync(src).filter((name) => !/^\d\d-[a-z-]+$/.test(name));
    expect(others.filter((name) => name !== "generated").sort()).toEqual([
      "agreement",
      "cli",
      "entries",
      "onnx",
      "plots",
    ]);
  });

  it("have their tests beside them, or in tests/", () => {
    const lonely = files
      .filter((path) => path.startsWith(src) && path.endsWith(".test.ts"))
      .filter((path) => !existsSync(path.replace(/(\.slow)?\.test\.ts$/, ".ts")));
    const fixtures = files.filter((path) => path.startsWith(src) && path.endsWith(".fixture.ts"));
    expect([...lonely, ...fixtures].map(shown)).toEqual([]);
  });
});

describe("the entries", () => {
  const entries = sources(join(src, "entries"));

  it("name nothing themselves", () => {
    const lines = entries.flatMap((path) =>
      readFileSync(path, "utf8")
        .replace(/\/\*[\s\S]*?\*\//g, "")
        .split("\n")
        .filter((line) => line.trim() !== "" && !/^export \*( as \w+)? from ".+";$/.test(line))
        .map((line) => `${shown(path)}: ${line}`),
    );
    expect(lines).toEqual([
      'tensorgrad/src/entries/functions.ts: export { Function } from "../01-tensor/function.ts";',
    ]);
  });

  for (const entry of entries.filter(
    (path) => !/[\\/](node|agreement|serving|distributed)\.ts$/.test(path),
  )) {
    it(`${relative(join(src, "entries"), entry)} bundles without Node`, async () => {
      const result = await build({
        entryPoints: [entry],
        bundle: true,
        platform: "browser",
        format: "esm",
        target: "es2022",
        write: false,
        logLevel: "silent",
      });
      expect(result.errors).toEqual([]);
    });
  }
});
