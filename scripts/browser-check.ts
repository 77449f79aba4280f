import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { findChromium } from "../notes/lib/chromium.ts";
import type { RuntimeReport } from "../tensorgrad/tests/runtimes.fixture.ts";
import { root } from "./markdown.ts";

/**
 * The library in a real browser: all browser entries bundled, loaded by a headless Chromium on two pages, one
 * that is cross-origin isolated (shared memory may go to workers) and one that is not. Each learns XOR and
 * multiplies matrices, twice, so that threads have had time to start; every number must be Node's, bit for
 * bit.
 *
 * `npm run browser`; CHROMIUM names the program where it is not found in PATH.
 */
export interface PageResult {
  readonly page: string;
  readonly isolated: boolean;
  readonly first: RuntimeReport;
  readonly second: RuntimeReport;
  /** The files that the page asked for. */
  readonly files: readonly string[];
  /** What is not as in Node, in words. */
  readonly differences: readonly string[];
}

/** A folder with a program that puts `trainXor` on `globalThis`, and with all files that it loads. */
export interface Site {
  readonly folder: string;
  readonly program: string;
}

const entries = ["index", "nn", "optim", "train", "data", "onnx", "runtime", "functions"];
const PATIENCE = 90_000;
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Checks both pages against Node: the sources in a bundle, or the program of a site. */
export async function checkBrowser(
  executablePath: string,
  site?: Site,
  pages: readonly string[] = ["isolated", "plain"],
): Promise<PageResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "tensorgrad-browser-"));
  const own: Site = { folder, program: "program.mjs" };
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const path = join(own.folder, own.program);
    await bundle(path);
    const expected = await inNode(path);
    const results: PageResult[] = [];
    for (const page of pages) {
      const found = await visit(browser, site ?? own, page);
      const differences = [found.first, found.second].flatMap((report) => compare(report, expected));
      results.push({ ...found, page, differences });
    }
    return results;
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundle(outfile: string): Promise<void> {
  const source = join(root, "tensorgrad/src/entries");
  const imports = entries.map((entry) => `import * as ${entry} from "./${entry}.ts";`);
  const contents = `${imports.join("\n")}
    import { trainXor } from "../../tests/runtimes.fixture.ts";
    Object.assign(globalThis, { tensorgrad: { ${entries.join(", ")} }, trainXor });
    export { trainXor };`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: source, loader: "ts" },
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    write: false,
    outfile,
  });
  writeFileSync(outfile, outputFiles[0].text);
}

/** The same bundle in this process, without a BLAS, whose last bits are its own. */
async function inNode(path: string): Promise<RuntimeReport> {
  process.env.TENSORGRAD_BLAS = "off";
  const { trainXor } = (await import(pathToFileURL(path).href)) as { trainXor: () => RuntimeReport };
  return trainXor();
}

type Answer = Pick<PageResult, "isolated" | "first" | "second">;

/** The page runs, and what it found is asked of it. */
async function visit(
  browser: Browser,
  site: Site,
  page: string,
): Promise<Answer & Pick<PageResult, "files">> {
  const { server, address, files } = await serve(site);
  const tab = await browser.newPage();
  tab.setDefaultTimeout(PATIENCE);
  try {
    await tab.goto(`${address}/${page}`);
    const answer = await tab.evaluate(() => (globalThis as unknown as { answer: Promise<Answer> }).answer);
    return { ...answer, files };
  } finally {
    await tab.close();
    server.close();
    server.closeAllConnections();
  }
}

const html = (program: string) => `<!doctype html><link rel="icon" href="data:,"><script type="module">
  const run = async () => {
    await import("/${program}");
    const first = trainXor();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return { isolated: crossOriginIsolated, first, second: trainXor() };
  };
  globalThis.answer = run();
</script>`;

const TYPES: Readonly<Record<string, string>> = { ".wasm": "application/wasm" };

async function serve({ folder, program }: Site) {
  const files: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const headers = path === "/plain" ? {} : isolation;
    if (extname(path) === "")
      return void response.writeHead(200, { "Content-Type": "text/html", ...headers }).end(html(program));
    files.push(path);
    const file = join(folder, path);
    if (!existsSync(file)) return void response.writeHead(404, headers).end();
    const type = TYPES[extname(path)] ?? "text/javascript";
    response.writeHead(200, { "Content-Type": type, ...headers }).end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, files };
}

function compare(found: RuntimeReport, expected: RuntimeReport): string[] {
  return (["level", "losses", "weights", "product", "liveBytes"] as const).flatMap((key) => {
    const [ours, theirs] = [JSON.stringify(found[key]), JSON.stringify(expected[key])];
    return ours === theirs ? [] : [`${key}: ${ours} in the browser, ${theirs} in Node`];
  });
}

async function main(): Promise<void> {
  const executablePath = findChromium();
  if (!executablePath) {
    console.log("browser-check: skipped, no Chromium in PATH; CHROMIUM=<path> names one");
    return;
  }
  const results = await checkBrowser(executablePath);
  for (const { page, isolated, first, second, differences } of results) {
    const { working, failure } = second.threads;
    console.log(
      `${differences.length ? "miss" : "ok  "} ${page.padEnd(9)} isolated ${isolated}, shared memory ${first.shared}, ${first.level} kernels, ` +
        `${working} thread${working === 1 ? "" : "s"}${failure ? ` (${failure})` : ""}, last loss ${first.losses.at(-1)}`,
    );
    for (const difference of differences) console.log(`       ${difference}`);
  }
  if (results.some(({ differences }) => differences.length > 0)) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
