import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildResult, build, type Metafile, type Plugin } from "esbuild";
import { out, root, site } from "./files.ts";

/** The live parts there are: the folders of `live/` with a `main.ts`. */
export const liveParts = (): string[] =>
  readdirSync(join(site, "live")).filter((name) => existsSync(join(site, "live", name, "main.ts")));

/**
 * Kernels as files, as the built package has them (scripts/kernel-files.ts): a page loads the one that its browser computes with, and
 * not both as text. The two numbers that are needed at once are given here.
 */
function kernelFiles(folder: string): Plugin {
  const embedded = readFileSync(join(root, "tensorgrad/src/generated/kernels.ts"), "utf8");
  mkdirSync(join(folder, "generated"), { recursive: true });
  for (const [, level, base64] of embedded.matchAll(/^export const (\w+) = "([^"]+)";$/gm))
    writeFileSync(join(folder, `generated/${level}.wasm`), Buffer.from(base64, "base64"));
  const numbers = embedded.split("\n").filter((line) => /^export const \w+ = \d+;$/.test(line));
  const browser = join(root, "tensorgrad/src/00-runtime/kernel-bytes.browser.ts");
  return {
    name: "kernel-files",
    setup(to) {
      to.onResolve({ filter: /^\.\/kernel-bytes\.ts$/ }, () => ({ path: browser }));
      to.onResolve({ filter: /\/generated\/kernels\.ts$/ }, ({ importer, kind }) =>
        importer === browser && kind === "import-statement" ? { path: "layout", namespace: "kernels" } : null,
      );
      to.onLoad({ filter: /^layout$/, namespace: "kernels" }, () => ({ contents: numbers.join("\n") }));
    },
  };
}

/** Edited snippets may use all of the libraries. Bundled with the others, this part would bring all of them into every page. */
const ALONE = "edit";

/**
 * Bundles every `live/<name>/main.ts` and `worker.ts` to files of the same name, by default for the site and all there are. What
 * several of them import stands once, in a chunk beside them: who has seen one live page has loaded most of the next. Models and
 * data that they import are copied to `files/`; a page loads them when it needs them.
 */
export async function bundleLive(
  names: readonly string[] = liveParts(),
  folder: string = join(out, "live"),
): Promise<Metafile[]> {
  for (const made of ["chunks", "files"]) rmSync(join(folder, made), { recursive: true, force: true });
  const groups = [names.filter((name) => name !== ALONE), names.filter((name) => name === ALONE)];
  return Promise.all(groups.filter((group) => group.length > 0).map((group) => bundle(group, folder)));
}

async function bundle(names: readonly string[], folder: string): Promise<Metafile> {
  const entryPoints = names
    .flatMap((name) => [`${name}/main.ts`, `${name}/worker.ts`])
    .map((file) => join(site, "live", file))
    .filter((file) => existsSync(file));
  const { metafile }: BuildResult<{ metafile: true }> = await build({
    entryPoints,
    outbase: join(site, "live"),
    outdir: folder,
    chunkNames: "chunks/[name]-[hash]",
    assetNames: "files/[name]-[hash]",
    loader: { ".safetensors": "file", ".gz": "file" },
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true, // messages and models print the names of classes
    platform: "browser",
    format: "esm",
    target: "es2022",
    metafile: true,
    plugins: [kernelFiles(folder)],
    logLevel: "warning",
  });
  return metafile;
}
