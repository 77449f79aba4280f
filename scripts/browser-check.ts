import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
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
  /** What is not as in Node, in words. */
  readonly differences: readonly string[];
}

const entries = ["index", "nn", "optim", "train", "data", "onnx", "runtime", "functions"];
const PATIENCE = 90_000;
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Checks both pages against Node. */
export async function checkBrowser(chromium: string): Promise<PageResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "tensorgrad-browser-"));
  try {
    const program = await bundle(join(folder, "program.mjs"));
    const expected = await inNode(join(folder, "program.mjs"));
    const results: PageResult[] = [];
    for (const page of ["isolated", "plain"]) {
      const found = await visit(chromium, join(folder, page), program, page);
      const differences = [found.first, found.second].flatMap((report) => compare(report, expected));
      results.push({ ...found, page, differences });
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function bundle(outfile: string): Promise<string> {
  const source = join(root, "tensorgrad/src/entries");
  const imports = entries.map((entry) => `import * as ${entry} from "./${entry}.ts";`);
  const contents = `${imports.join("\n")}
    globalThis.tensorgrad = { ${entries.join(", ")} };
    export { trainXor } from "../../tests/runtimes.fixture.ts";`;
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
  return outputFiles[0].text;
}

/** The same bundle in this process, without a BLAS, whose last bits are its own. */
async function inNode(path: string): Promise<RuntimeReport> {
  process.env.TENSORGRAD_BLAS = "off";
  const { trainXor } = (await import(pathToFileURL(path).href)) as { trainXor: () => RuntimeReport };
  return trainXor();
}

/** The page runs, sends what it found back to the server that it came from, and is closed. */
async function visit(chromium: string, profile: string, program: string, page: string) {
  const { server, address, answer } = await serve(program);
  const browser = spawn(
    chromium,
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      `--user-data-dir=${profile}`,
      `${address}/${page}`,
    ],
    { stdio: "ignore" },
  );
  const late = setTimeout(() => browser.kill(), PATIENCE);
  const ended = new Promise<never>((_, reject) => {
    browser.on("error", reject);
    browser.on("exit", (code) =>
      reject(new Error(`browser-check: ${chromium} ended (${code}) before the page answered`)),
    );
  });
  try {
    return await Promise.race([answer, ended]);
  } finally {
    clearTimeout(late);
    browser.removeAllListeners("exit");
    const gone = new Promise((resolve) => browser.once("exit", resolve));
    if (browser.kill()) await gone;
    server.close();
    server.closeAllConnections();
  }
}

type Answer = Pick<PageResult, "isolated" | "first" | "second">;

const html = `<!doctype html><script type="module">
  const send = (answer) => fetch("/answer", { method: "POST", body: JSON.stringify(answer) });
  try {
    const { trainXor } = await import("/program.mjs");
    const first = trainXor();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const second = trainXor();
    await send({ isolated: crossOriginIsolated, first, second });
  } catch (error) {
    await send({ error: String(error.stack ?? error) });
  }
</script>`;

async function serve(program: string): Promise<{ server: Server; address: string; answer: Promise<Answer> }> {
  let settle: (text: string) => void;
  const answer = new Promise<Answer>((resolve, reject) => {
    settle = (text) => {
      const found = JSON.parse(text) as Answer & { error?: string };
      if (found.error) reject(new Error(`browser-check: the page failed: ${found.error}`));
      else resolve(found);
    };
  });
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    if (path === "/answer") settle(await bodyOf(request));
    const [type, body] = path === "/program.mjs" ? ["text/javascript", program] : ["text/html", html];
    response.writeHead(200, { "Content-Type": type, ...(path === "/plain" ? {} : isolation) }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answer };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

function compare(found: RuntimeReport, expected: RuntimeReport): string[] {
  return (["level", "losses", "weights", "product", "liveBytes"] as const).flatMap((key) => {
    const [ours, theirs] = [JSON.stringify(found[key]), JSON.stringify(expected[key])];
    return ours === theirs ? [] : [`${key}: ${ours} in the browser, ${theirs} in Node`];
  });
}

async function main(): Promise<void> {
  const chromium = findChromium();
  if (!chromium) {
    console.log("browser-check: skipped, no Chromium in PATH; CHROMIUM=<path> names one");
    return;
  }
  const results = await checkBrowser(chromium);
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
