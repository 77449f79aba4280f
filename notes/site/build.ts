import { cpSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "vitepress";
import { bundleLive } from "./bundle.ts";
import { out, site } from "./files.ts";
import { serve } from "./serve.ts";

/**
 * `npm run site` builds the site to `out/site`; SITE_BASE is the path that it will be published under.
 *
 *   --live    only the live parts anew, in a second: the rest must be there
 *   --serve   then serves it, until Ctrl-C
 */
export async function buildSite({ live = false } = {}): Promise<void> {
  if (!live) await build(site);
  mkdirSync(out, { recursive: true });
  const worker = createRequire(import.meta.url).resolve("coi-serviceworker");
  cpSync(worker, join(out, "coi-serviceworker.js"));
  await bundleLive();
}

const { values } = parseArgs({ options: { live: { type: "boolean" }, serve: { type: "boolean" } } });
await buildSite({ live: values.live ?? false });
if (values.serve) console.log(`${(await serve()).address}: Ctrl-C ends it`);
