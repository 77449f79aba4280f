import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vitepress";
import { serve } from "../lib/static-server.ts";
import { BOOK, writeBook } from "./book.ts";
import { bundleLive } from "./bundle.ts";
import { out, root, site } from "./files.ts";

/**
 * `npm run site` builds the site to `out/site`; SITE_BASE is the path that it will be published under.
 *
 *   --live    only the live parts anew, in a second: the rest must be there
 *   --serve   then serves it, until Ctrl-C
 *   --pdf     then prints all notes as one book, `out/book/notes.pdf`; needs Chromium
 */
export async function buildSite({ live = false } = {}): Promise<void> {
  if (!live) {
    rmSync(out, { recursive: true, force: true });
    await Promise.all([build(site), reference()]);
  }
  cpSync(createRequire(import.meta.url).resolve("coi-serviceworker"), join(out, "coi-serviceworker.js"));
  await bundleLive();
}

/** The API reference, in a process of its own: it takes as long as the rest. */
async function reference(): Promise<void> {
  const child = spawn(process.execPath, ["--import", "tsx", join(site, "api.ts")], { stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`site: the API reference ended with exit code ${code}`);
}

const { values } = parseArgs({
  options: { live: { type: "boolean" }, serve: { type: "boolean" }, pdf: { type: "boolean" } },
});
const start = performance.now();
await buildSite({ live: values.live ?? false });
console.log(`out/site: ${((performance.now() - start) / 1000).toFixed(1)} s`);
if (values.pdf) {
  const { pages, bytes } = await writeBook();
  console.log(`${relative(root, BOOK)}: ${pages} pages, ${(bytes / 1e6).toFixed(1)} MB`);
}
if (values.serve) console.log(`${(await serve()).address}: Ctrl-C ends it`);
