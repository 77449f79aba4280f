import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { Random, zeros } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import {
  ABTest,
  dashboard,
  Monitor,
  moduleModel,
  Registry,
  referenceOf,
  type Server,
  Shadow,
  serve,
} from "tensorgrad/serving";
import { encodeTensors, Trainer } from "tensorgrad/train";
import { Experiment } from "tensorgrad/train/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../notes/lib/chromium.ts";

const PATIENCE = 60_000;
const HOSTILE = '<img src=x onerror="document.title=1">';
const executablePath = findChromium();
const root = mkdtempSync(join(tmpdir(), "tensorgrad-dashboard-"));

describe.skipIf(!executablePath)("the dashboard (CHROMIUM=<path> names a browser)", () => {
  let browser: Browser;
  let page: Page;
  let server: Server;
  const random = new Random(1);
  const model = new Linear(4, 3, { random });
  const normal = () => ({ [HOSTILE]: random.normal(), kind: ["a", "b"][random.integer(2)] });
  const reference = referenceOf(Array.from({ length: 500 }, normal));
  const monitor = new Monitor({ model: "net", reference, window: 100, observe: () => [] });
  const test = new ABTest({ name: "net-2", share: 0.5, effect: 0.1 });
  const errors: string[] = [];
  const outside: string[] = [];

  beforeAll(async () => {
    await aRunThatFailed();
    const registry = new Registry(join(root, "models"));
    await registry.add("net", encodeTensors(model.stateDict()));
    await registry.promote("net", "1");
    const shadow = new Shadow({ model: "net", version: "2" });
    server = await serve(moduleModel(model, { name: "net", example: zeros([1, 4]) }), {
      port: 0,
      hooks: [monitor.hooks()],
      routes: [
        dashboard({
          monitors: [monitor],
          tests: [test],
          shadows: [shadow],
          runs: join(root, "runs"),
          registry,
          every: 100,
        }),
      ],
    });
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(PATIENCE);
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on(
      "request",
      (request) =>
        request.url().startsWith(server.url) ||
        request.url().startsWith("data:") ||
        outside.push(request.url()),
    );
    await page.goto(`${server.url}/dashboard`);
    await page.waitForSelector("#load .tile");
  }, PATIENCE);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  /** One that was not finite, and says so in words of its own. */
  async function aRunThatFailed(): Promise<void> {
    const experiment = new Experiment({ name: "run", root: join(root, "runs"), seed: 1, tensorboard: false });
    const loss = (x: ReturnType<typeof zeros>) => x.square().mean();
    const trainer = new Trainer({
      model,
      optimizer: new SGD(model.parameters(), { lr: 0.1 }),
      loss,
      callbacks: [experiment],
    });
    const batches = Array.from({ length: 30 }, () => ({ x: zeros([2, 4]), y: zeros([2, 3]) }));
    function* failing() {
      yield* batches;
      throw new Error(HOSTILE);
    }
    await trainer.fit(failing(), { epochs: 1 }).catch(() => {});
  }

  const ask = async () => {
    const inputs = [{ name: "input", shape: [1, 4], datatype: "FP32", data: [1, 2, 3, 4] }];
    const headers = { "content-type": "application/json" };
    await fetch(`${server.url}/v2/models/net/infer`, {
      method: "POST",
      headers,
      body: JSON.stringify({ inputs }),
    });
  };
  const open = (name: string) => page.getByRole("tab", { name }).click();
  const says = (selector: string, text: string) =>
    page.waitForFunction(([at, words]) => document.querySelector(at)?.textContent?.includes(words), [
      selector,
      text,
    ] as const);

  it("shows load as it comes", async () => {
    for (let i = 0; i < 30; i++) await ask();
    await page.waitForSelector('#load svg[aria-label="latency"] path');
    await says("#load", "requests a second");
    await says("#load tbody", "net");
    await says("#status", "live");
  });

  it("shows which feature drifted, and how, when it is clicked; the focus stays on it", async () => {
    await open("Drift");
    await says("#drift", "The first window is not full yet.");
    for (let i = 0; i < 100; i++) monitor.observe({ ...normal(), [HOSTILE]: 3 + random.normal() });
    await says("#drift tbody tr:nth-child(1)", "drifted");
    await says("#drift tbody tr:nth-child(2)", "as before");
    await page.locator("#drift tbody tr:nth-child(1) button").click();
    await page.waitForSelector("#shares svg rect");
    await page.waitForTimeout(400); // some events later
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-expanded"))).toBe("true");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#shares", { state: "detached" });
    await open("Load");
    await says("#load .alert", "not as in the reference");
  });

  it("shows a test come to its decision", async () => {
    await open("A/B tests");
    await says("#tests", "Undecided; 50.0 % of units try the candidate.");
    for (let i = 0; test.decision === null; i++)
      test.record(`${i}`, test.assign(`${i}`) === "candidate" ? 0 : 1);
    await says("#tests", "Candidate: worse. 100.0 points less");
    await page.waitForSelector('#tests svg[aria-label="candidate minus control"]');
    await says("#tests", "net 2");
  });

  it("shows runs and their curves, and what is current in the registry", async () => {
    await open("Training runs");
    await says("#runs", `failed: ${HOSTILE}`);
    await page.locator('#runs button[data-run="run-001"]').click();
    await page.waitForSelector("#curves svg path");
    await says("#runs", "Registry");
  });

  it("stands still while it is paused", async () => {
    await open("Load");
    await page.getByRole("button", { name: "Pause" }).click();
    const before = await page.locator("#load").innerHTML();
    for (let i = 0; i < 10; i++) await ask();
    await page.waitForTimeout(500);
    expect(await page.locator("#load").innerHTML()).toBe(before);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.waitForFunction((was) => document.getElementById("load")?.innerHTML !== was, before);
  });

  it("fits a telephone, in the light and in the dark, and every text can be read", async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const name of ["Load", "Drift", "A/B tests", "Training runs"]) {
        await open(name);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
      }
      const [ink, paper] = await page.evaluate(() => {
        const { color, backgroundColor } = getComputedStyle(document.body);
        return [color, backgroundColor].map((text) =>
          (text.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, n) => sum + Number(n), 0),
        );
      });
      expect(Math.abs(ink - paper)).toBeGreaterThan(450);
      expect(ink < paper).toBe(colorScheme === "light");
    }
  });

  it("ran nothing that came with data, asked nobody else, and threw no error", async () => {
    expect(await page.title()).toBe("Dashboard");
    expect(await page.locator("img").count()).toBe(0);
    expect([errors, outside]).toEqual([[], []]);
  });

  it("says when the server is gone", async () => {
    await server.close();
    await says("#status", "the server does not answer");
  });
});
