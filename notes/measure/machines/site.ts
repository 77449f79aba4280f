import { readdirSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { median } from "tensorgrad/runtime";
import { findChromium } from "../../lib/chromium.ts";
import { report } from "../../lib/measure.ts";
import { serve } from "../../lib/static-server.ts";

/** When a page of the built site is first painted, from a server on loopback, with nothing cached. `npm run site` comes first. */

const PAGES = [
  "/",
  "/notes/05-autograd.html",
  "/notes/16-acceleration.html",
  ...readdirSync(new URL("../../site/pages/live", import.meta.url))
    .sort()
    .map((file) => `/live/${file.replace(/\.md$/, ".html")}`),
];
const ROUNDS = 5;

async function firstPaint(browser: Browser, address: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(address, { waitUntil: "load" });
  const found = await page.waitForFunction(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  );
  const ms = (await found.jsonValue()) ?? Number.NaN;
  await context.close();
  return ms;
}

async function measure() {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("site: no Chromium in PATH — CHROMIUM=<path> names one");
  const { server, address } = await serve();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const firstPaintMs: Record<string, number> = {};
    for (const page of PAGES) {
      const times: number[] = [];
      for (let i = 0; i < ROUNDS; i++) times.push(await firstPaint(browser, `${address}${page}`));
      firstPaintMs[page] = median(times);
    }
    return { rounds: ROUNDS, firstPaintMs, slowestMs: Math.max(...Object.values(firstPaintMs)) };
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

report(await measure());
