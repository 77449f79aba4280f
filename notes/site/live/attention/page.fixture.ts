import type { Page } from "playwright-core";
import { Random } from "tensorgrad";
import { expect, it } from "vitest";
import { count, percent } from "../lib/numbers.ts";
import { onTelephone, type Stage } from "../lib/page.fixture.ts";
import { chancesOf, guesses } from "./chances.ts";
import { openWriter } from "./files.fixture.ts";

const STARTS = [
  "JULIET:\nO Romeo",
  "To be, or not",
  "KING HENRY:\nMy lord",
  "What is thy name",
  "First Citizen:\nWe",
];

/** Whether the large map has a fuller colour where the chosen one takes most than where it takes least. */
async function darkest(page: Page, n: number, at: number, row: Float32Array): Promise<boolean> {
  const past = Array.from(row.subarray(0, at + 1));
  const places = [past.indexOf(Math.max(...past)), past.indexOf(Math.min(...past))];
  const [most, least] = await page.evaluate(
    ({ n, at, places, margin }) => {
      const canvas = document.querySelector<HTMLCanvasElement>(".map canvas");
      const cell = ((canvas?.width ?? 0) - margin) / n;
      return places.map((place) => {
        const [x, y] = [margin + (place + 0.5) * cell, margin + (at + 0.5) * cell].map(Math.round);
        const pixel = canvas?.getContext("2d")?.getImageData(x, y, 1, 1).data ?? [255, 255, 255];
        return pixel[0]; // red: blue has least of it
      });
    },
    { n, at, places, margin: 18 },
  );
  return most < least;
}

export function attentionPage(stage: () => Stage): void {
  it("shows the weights and chances that the library gives, for settings drawn at random", async () => {
    const random = new Random(14);
    const writer = openWriter();
    const { alphabet } = writer.facts;
    const prompt = STARTS[random.integer(STARTS.length)];
    const [layer, head, order] = [1 + random.integer(4), 1 + random.integer(4), 1 + random.integer(5)];
    const at = 3 + random.integer(prompt.length - 5);
    const temperature = (5 + random.integer(10)) / 10;
    const query = new URLSearchParams({ prompt, temperature: String(temperature), top: "9", at: String(at) });
    for (const [name, n] of Object.entries({ layer, head, order })) query.set(name, String(n));
    const { page, faults } = await stage().open("attention", String(query));
    await page.getByRole("button", { name: "Open the model" }).press("Enter");
    await page.waitForSelector(".chances tbody tr");
    const { weights, scores } = writer.read(prompt);
    const row = weights[layer - 1][head - 1].subarray(at * prompt.length, (at + 1) * prompt.length);
    const labels = await page
      .locator(".character")
      .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
    expect(labels.map((label) => label?.split(", ").slice(-2))).toEqual(
      [...prompt].map((one, i) => [`token ${alphabet.indexOf(one)}`, percent(row[i])]),
    );
    const model = chancesOf(scores.subarray(at * alphabet.length, (at + 1) * alphabet.length), {
      temperature,
      topK: 9,
    });
    const counted = writer.count(prompt.slice(0, at + 1), order);
    const due = guesses(model, counted.chances).map((one) => [
      alphabet[one.id],
      percent(one.model),
      percent(one.counted),
    ]);
    const seen = await page
      .locator(".chances tbody tr")
      .evaluateAll((rows) =>
        rows.map((one) => [
          (one as HTMLElement).dataset.character,
          ...[...one.querySelectorAll(".share")].map(({ textContent }) => textContent),
        ]),
      );
    expect(seen).toEqual(due);
    if (order > 1)
      expect(await page.locator(".counted").first().textContent()).toContain(`${count(counted.times)} times`);
    expect(await darkest(page, prompt.length, at, row)).toBe(true);
    expect(await page.locator(".moved").textContent()).toMatch(/moved by 0\.$/);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("writes what the library writes, with a cache and without, and says what each costs", async () => {
    const { page, faults } = await stage().open("attention", "prompt=To+be&seed=3&length=40&top=10");
    await page.getByRole("button", { name: "Open the model" }).click();
    const writer = openWriter();
    writer.begin({ prompt: "To be", length: 40, temperature: 0.8, topK: 10, seed: 3, cache: true });
    const text = `To be${writer.more(60_000).text}`;
    await page.getByRole("button", { name: "Write", exact: true }).click();
    await page.waitForFunction((due) => document.querySelector(".written")?.textContent === due, text);
    await page.getByText("off", { exact: true }).click();
    await page.getByRole("button", { name: "Write", exact: true }).press("Enter");
    await page.getByText("Both ways wrote the same text.").waitFor();
    const cells = (key: string) => page.locator(`[data-cache="${key}"] td`).allTextContents();
    expect((await cells("on"))[4]).toBe("180 kB of 524 kB"); // 44 of 128 positions
    expect((await cells("off"))[4]).toBe("0 B");
    for (const key of ["on", "off"]) expect(Number((await cells(key))[1])).toBeGreaterThan(0);
    await page.waitForFunction((n) => document.querySelectorAll(".character").length === n, text.length);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("loads the model when one types; walks by keyboard; refuses a character that it does not know", async () => {
    const { page, faults } = await stage().open("attention");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    expect(await page.getByText("The model is not loaded yet").count()).toBe(1);
    expect(asked).toEqual([]);
    await page.locator(".field textarea").fill("O Romeo");
    await page.waitForSelector(".character.chosen");
    expect(asked.filter((url) => url.endsWith(".safetensors"))).toHaveLength(2);
    await page.locator(".character.chosen").focus();
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() => new URLSearchParams(location.search).get("at") === "5");
    expect(await page.locator(".character.chosen b").textContent()).toBe("e");
    await page.locator(".head.chosen").focus();
    for (const key of ["ArrowDown", "ArrowRight"]) await page.keyboard.press(key);
    await page.getByText("Layer 2, head 2:").waitFor();
    await page.locator(".field textarea").fill("Café");
    expect(await page.locator(".field .fault").textContent()).toMatch(/^Character 4 of the prompt is “é”/);
    await page.getByRole("button", { name: "Write", exact: true }).click();
    expect(await page.getByRole("button", { name: "Stop" }).count()).toBe(0);
    await page.locator(".field textarea").fill("");
    expect(await page.locator(".field .fault").textContent()).toMatch(/^The prompt is empty/);
    expect(await page.locator(".character").count()).toBe(7);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("stops writing when asked, and keeps what there is", async () => {
    const { page, faults } = await stage().open("attention", "length=300&cache=false", { isolated: false });
    await page.getByRole("button", { name: "Open the model" }).click();
    await page.getByRole("button", { name: "Write", exact: true }).click();
    await page.waitForFunction(() => (document.querySelector(".written")?.textContent?.length ?? 0) > 30);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Write", exact: true }).waitFor();
    expect((await page.locator(".written").textContent())?.length).toBeLessThan(320);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("computes without SIMD, too, and says so", async () => {
    const { page, faults } = await stage().open("attention", "prompt=ab", { simd: false });
    await page.getByRole("button", { name: "Open the model" }).click();
    await page.getByText("Kernels: none, plain loops").waitFor();
    await page.waitForSelector(".chances tbody tr");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits a telephone in the dark", async () => {
    const { width, faults, ink } = await onTelephone(stage(), "attention", "", "button.main");
    expect([width, faults, ink]).toEqual([400, [], "#e8e6e1"]);
  });
}
