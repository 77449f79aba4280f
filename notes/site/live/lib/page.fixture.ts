import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "../../../lib/chromium.ts";
import { bundleLive } from "../../bundle.ts";

/** Live parts alone on a bare page, in one browser: bundled as the site bundles them, without the site around them. */

export const executablePath: string | null = findChromium();

export interface Stage {
  /** Opens a part; what goes wrong in its page is collected in `faults`. */
  open(name: string, query?: string, options?: PageOptions): Promise<Visit>;
  end(): Promise<void>;
}

export interface PageOptions {
  readonly width?: number;
  readonly dark?: boolean;
  /** Cross-origin isolated, so that memory can be shared between threads. */
  readonly isolated?: boolean;
  /** WebAssembly without SIMD. */
  readonly simd?: boolean;
}

export interface Visit {
  readonly page: Page;
  /** Errors of the console and of scripts, and requests that left the origin. */
  readonly faults: string[];
}

/** Bundles the parts, serves them, and starts the browser. */
export async function stage(
  names: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "live-parts-"));
  await bundleLive(names, join(folder, "live"));
  const { address, close } = await serve(folder, files);
  const browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
  return {
    open: (name, query = "", options = {}) => open(browser, address, name, query, options),
    async end() {
      await browser.close();
      close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".html": "text/html" };
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
/** An engine that refuses 128-bit vectors: every module of the kernels has some. */
const WITHOUT_SIMD =
  "WebAssembly.validate = () => false; WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError('no SIMD'); } };\n";

async function serve(folder: string, files: Readonly<Record<string, string>>) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://here");
    const from = new URL(request.headers.referer ?? "http://here").searchParams;
    const asked = (name: string) => searchParams.get(name) ?? from.get(name);
    const isolation = asked("isolated") === "no" ? {} : ISOLATION;
    const head = { ...isolation, "Content-Type": TYPES[extname(pathname)] ?? "application/octet-stream" };
    if (pathname === "/page.html") {
      response.writeHead(200, head).end(html(searchParams));
      return;
    }
    if (pathname === "/no-simd.js") {
      response.writeHead(200, head).end(WITHOUT_SIMD);
      return;
    }
    const path = files[pathname] ?? join(folder, normalize(pathname));
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(pathname === "/favicon.ico" ? 204 : 404, head).end();
      return;
    }
    const body = readFileSync(path);
    // An import, and the first one: what a script says itself runs after all that it imports.
    const prefix = pathname.endsWith("worker.js") && asked("simd") === "no" ? 'import "/no-simd.js";\n' : "";
    response.writeHead(200, head).end(prefix ? prefix + body : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

const html = (
  query: URLSearchParams,
): string => `<!doctype html><html lang="en" class="${query.get("scheme") ?? ""}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Live part</title>
<style>body { margin: 0; padding: 12px max(12px, calc(50% - 24rem)); background: #fdfcf9; } .dark body { background: #14171a; }</style>
<div class="live"></div>
<script type="module">
  const { mount } = await import("/live/${query.get("part")}/main.js");
  const root = document.querySelector(".live");
  globalThis.leave = await mount(root);
  root.dataset.ready = "yes";
</script>`;

async function open(
  browser: Browser,
  address: string,
  name: string,
  query: string,
  options: PageOptions,
): Promise<Visit> {
  const { width = 1280, dark = false, isolated = true, simd = true } = options;
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("request", (request) => {
    if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(address))
      faults.push(`left the origin: ${request.url()}`);
  });
  const own = new URLSearchParams({
    part: name,
    scheme: dark ? "dark" : "",
    simd: simd ? "" : "no",
    isolated: isolated ? "" : "no",
  });
  for (const [key, value] of new URLSearchParams(query)) own.set(key, value);
  await page.goto(`${address}/page.html?${own}`);
  await page.waitForSelector(".live[data-ready]");
  return { page, faults };
}

/** Opens the part on a telephone, light and dark; returns how wide its page is, and its faults. */
export async function onTelephone({ open }: Stage, name: string, query: string, ready: string) {
  const { page, faults } = await open(name, query, { width: 400, dark: true });
  await page.waitForSelector(ready);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  const [ink, ground] = await page.evaluate(() => {
    const style = getComputedStyle(document.querySelector(".live") as HTMLElement);
    return [style.getPropertyValue("--ink").trim(), style.getPropertyValue("--paper").trim()];
  });
  await page.close();
  return { width, faults, ink, ground };
}
