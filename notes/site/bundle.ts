import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type BuildResult, build, type Metafile } from "esbuild";
import { out, site } from "./files.ts";

/** The live parts there are: the folders of `live/` with a `main.ts`. */
export const liveParts = (): string[] =>
  readdirSync(join(site, "live")).filter((name) => existsSync(join(site, "live", name, "main.ts")));

/**
 * Bundles every `live/<name>/main.ts` and `worker.ts` to files of the same name. What several of them import stands once, in a
 * chunk beside them: who has seen one live page has loaded most of the next.
 */
export async function bundleLive(): Promise<Metafile> {
  rmSync(join(out, "live/chunks"), { recursive: true, force: true });
  const entryPoints = liveParts()
    .flatMap((name) => [`${name}/main.ts`, `${name}/worker.ts`])
    .map((file) => join(site, "live", file))
    .filter((file) => existsSync(file));
  const { metafile }: BuildResult<{ metafile: true }> = await build({
    entryPoints,
    outbase: join(site, "live"),
    outdir: join(out, "live"),
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true, // messages and models print the names of classes
    platform: "browser",
    format: "esm",
    target: "es2022",
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
}
