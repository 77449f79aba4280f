import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { Random } from "tensorgrad";
import { KVCache } from "tensorgrad/nn";
import { CharTokenizer } from "tensorgrad/text";
import { loadTensors } from "tensorgrad/train/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKPOINT, committed, writePromptPage } from "../examples/04-tinygpt.ts";
import { findChromium } from "../notes/lib/chromium.ts";

process.env.TENSORGRAD_BLAS = "off"; // its last bits are its own

const PATIENCE = 180_000;
const executablePath = findChromium();
const folder = mkdtempSync(join(tmpdir(), "tensorgrad-page-"));

describe.skipIf(!executablePath)("the page where one types (CHROMIUM=<path> names a browser)", () => {
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    await writePromptPage(join(folder, "write.html"));
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(PATIENCE);
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(pathToFileURL(join(folder, "write.html")).href);
    await idle();
  }, PATIENCE);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const idle = () => page.waitForSelector('form[data-state="idle"]');
  const text = () => page.evaluate(() => document.getElementById("text")?.textContent ?? "");

  async function set(settings: Readonly<Record<string, string>>): Promise<void> {
    for (const [id, value] of Object.entries(settings)) await page.locator(`#${id}`).fill(value);
  }

  it("writes what Node writes from the same prompt, settings and seed, also past the model's window", async () => {
    const model = await committed();
    const tokenizer = new CharTokenizer((await loadTensors(CHECKPOINT)).metadata.alphabet);
    const write = (prompt: string, temperature: number, topK: number, seed: number) => {
      const options = { tokenizer, temperature, topK, maxLength: 200, random: new Random(seed) };
      return model.generate(prompt, { ...options, cache: KVCache.for(model) });
    };
    await set({ prompt: "JULIET:\nO Romeo", temperature: "0.8", topK: "10", length: "200", seed: "7" });
    await page.locator("#generate").click();
    await idle();
    expect(await text()).toBe(write("JULIET:\nO Romeo", 0.8, 10, 7));
    await set({ prompt: "To be", temperature: "0", topK: "", seed: "1" });
    await page.keyboard.press("Control+Enter");
    await idle();
    expect(await text()).toBe(write("To be", 0, 65, 1));
  });

  it("shows where the last character looks, and where one that is chosen does", async () => {
    const last = (await text()).length;
    await page.waitForFunction(
      (n) => document.getElementById("looked")?.textContent?.includes(`character ${n},`),
      last,
    );
    await page.locator("#text span").nth(3).click();
    await page.waitForFunction(() =>
      document.getElementById("looked")?.textContent?.includes("character 4,"),
    );
    await page.locator("#text").focus();
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() =>
      document.getElementById("looked")?.textContent?.includes("character 3,"),
    );
  });

  it("stops when asked, and keeps what there is", async () => {
    await set({ prompt: "A", length: "5000", temperature: "1" });
    await page.locator("#generate").click();
    await page.waitForFunction(() => (document.getElementById("text")?.textContent?.length ?? 0) > 20);
    await page.keyboard.press("Escape");
    await idle();
    expect((await text()).length).toBeLessThan(5001);
    expect(await page.locator("#status").textContent()).toMatch(/^Stopped after \d+ characters/);
  });

  it("names a character that the model does not know, and its place; nothing is written", async () => {
    const before = await text();
    await set({ prompt: "Café 😀" });
    await page.locator("#generate").click();
    expect(await page.locator("#fault").textContent()).toMatchInlineSnapshot(
      `"Character 4 of the prompt is “é” (U+00E9), which the model has never seen. It knows letters without accents, spaces, line breaks and ! $ & ' , - . 3 : ; ?"`,
    );
    await set({ prompt: "Cafe 😀" });
    await page.locator("#generate").click();
    expect(await page.locator("#fault").textContent()).toContain(
      "Character 6 of the prompt is “😀” (U+1F600)",
    );
    await set({ prompt: "" });
    await page.locator("#generate").click();
    expect(await page.locator("#fault").textContent()).toMatchInlineSnapshot(
      `"The prompt is empty: the model continues what is there. A line break is enough."`,
    );
    expect(await text()).toBe(before);
  });

  it("fits a telephone, and threw no error", async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    expect(errors).toEqual([]);
  });
});
