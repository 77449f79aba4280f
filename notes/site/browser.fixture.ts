import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { findChromium } from "../lib/chromium.ts";
import { type Serving, serve } from "../lib/static-server.ts";
import { out } from "./files.ts";

const executablePath = findChromium();

/** What the tests need: the site as `npm run site` wrote it, and a browser. */
export const canVisit: boolean = executablePath !== null && existsSync(join(out, "index.html"));

export interface Look {
  readonly width: number;
  readonly scheme: "light" | "dark";
}

/** A desk and a telephone, by day and by night. */
export const LOOKS: readonly Look[] = [1280, 400].flatMap((width) =>
  (["light", "dark"] as const).map((scheme) => ({ width, scheme })),
);

export interface Visitor {
  /** A new page of the site, `/notes/05-autograd.html`, loaded and at rest. */
  open(path: string, look?: Look): Promise<Page>;
  /** The same page, gone to another address as if it were typed there. */
  go(page: Page, path: string): Promise<void>;
  /** The address of the site, without a slash at the end. */
  readonly address: string;
}

/**
 * For a file of tests: serves the built site on loopback and visits it. A test fails when a page of its own asks for anything that is
 * not of the site or is not there, throws, or writes an error to the console.
 */
export function visitor(): Visitor {
  let serving: Serving;
  let browser: Browser;
  let open: Page[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    serving = await serve();
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
  });
  afterEach(async () => {
    await Promise.all(open.map((page) => page.context().close()));
    open = [];
    expect(faults.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    serving?.server.closeAllConnections();
    serving?.server.close();
  });

  async function go(page: Page, path: string): Promise<void> {
    await page.goto(`${serving.address}${path}`, { waitUntil: "load" });
    await page.waitForFunction(() => "__vue_app__" in (document.querySelector("#app") ?? {})); // hydrated
  }

  return {
    get address() {
      return serving.address;
    },
    go,
    async open(path, { width, scheme } = LOOKS[0]) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
      const page = await context.newPage();
      open.push(page);
      page.setDefaultTimeout(30_000);
      page.on("pageerror", (error) => faults.push(`${page.url()}: ${error}`));
      page.on(
        "console",
        (message) => message.type() === "error" && faults.push(`${page.url()}: ${message.text()}`),
      );
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(`${serving.address}/`) && !/^(data|blob):/.test(url))
          faults.push(`${page.url()} asks for ${url}`);
      });
      page.on(
        "response",
        (response) => response.status() >= 400 && faults.push(`${response.status()} ${response.url()}`),
      );
      await go(page, path);
      return page;
    },
  };
}

/** How far the page is wider than its window; 0 if nothing of it scrolls sideways. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
