import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const src = dirname(fileURLToPath(import.meta.url));
const root = resolve(src, "../..");

/** Every TypeScript source below a folder, generated ones left out. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/(node_modules|dist|generated)[\\/]/.test(path));
}

const importsOf = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, target]) => target);

const moduleOf = (path: string): string => relative(src, path).split(/[\\/]/)[0];

/** `02-activations` → 2; the folder onnx/ comes after all modules. */
const rank = (module: string): number => (module === "onnx" ? 99 : Number.parseInt(module, 10));

describe("modules", () => {
  const isTest = (path: string) => path.endsWith(".test.ts");
  const inModules = sources(src).filter((path) => !Number.isNaN(rank(moduleOf(path))) && !isTest(path));

  it("import only from modules before them, through their index", () => {
    const wrong = inModules.flatMap((path) =>
      importsOf(path).flatMap((target) => {
        if (!target.startsWith(".")) return [];
        const module = moduleOf(resolve(dirname(path), target));
        if (module === moduleOf(path) || module === "generated") return [];
        // Kernels are below tensors: they share helpers with 00-runtime file by file.
        const kernel = /\.(simd|reference)\.ts$/.test(path) && module === "00-runtime";
        const allowed = rank(module) < rank(moduleOf(path)) && (target.endsWith("/index.ts") || kernel);
        return allowed ? [] : [`${relative(src, path)} → ${target}`];
      }),
    );
    expect(inModules.length).toBeGreaterThan(40);
    expect(wrong).toEqual([]);
  });

  it("leave protobuf to onnx/; the one other file format made of it is TensorBoard's", () => {
    const users = inModules.filter((path) =>
      importsOf(path).some((target) => target.startsWith("@bufbuild/")),
    );
    const others = users.filter((path) => moduleOf(path) !== "onnx").map((path) => relative(src, path));
    expect(users.length).toBeGreaterThan(others.length);
    expect(others).toEqual([join("07-training", "tensorboard.ts")]);
  });
});

describe("sources", () => {
  it("stay within 300 lines", () => {
    const folders = ["micrograd/src", "tensorgrad/src", "verify/src", "examples", "scripts"];
    const long = folders
      .flatMap((folder) => sources(join(root, folder)))
      .filter((path) => !path.endsWith(".test.ts") && readFileSync(path, "utf8").split("\n").length > 301)
      .map((path) => relative(root, path));
    expect(long).toEqual([]);
  });
});

describe("the browser entries", () => {
  const entries = ["index", "nn", "optim", "train", "data", "onnx", "runtime", "functions"];
  for (const entry of entries) {
    it(`${entry} bundles without Node`, async () => {
      const result = await build({
        entryPoints: [join(src, `${entry}.ts`)],
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
