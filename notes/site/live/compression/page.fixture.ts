import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Random, scope } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import { expect, it } from "vitest";
import { imagesOf, networkOf } from "../digits/network.ts";
import { bytes, count, percent } from "../lib/numbers.ts";
import { onTelephone, type Stage } from "../lib/page.fixture.ts";
import { accuracyOf, bytesOf, compressed } from "./compress.ts";
import { profiled } from "./profiled.ts";
import { BITS, type Bits, type Setting } from "./work.ts";

const file = (name: string): Buffer => readFileSync(join(import.meta.dirname, "../digits", name));
const network = () => networkOf(file("cnn.safetensors"));
const digits = (): ImageDataset =>
  imagesOf(gunzipSync(file("test-images.idx3.gz")), gunzipSync(file("test-labels.idx1.gz")));

export function compressionPage(stage: () => Stage): void {
  it("shows accuracy and size that the library gives, for settings drawn at random", async () => {
    const random = new Random(14);
    const settings = (Object.keys(BITS) as Bits[]).map(
      (bits): Setting => ({ bits, sparsity: random.integer(99) }),
    );
    const made = settings.map(({ bits, sparsity }) => `${bits}-${sparsity}`);
    const { page, faults } = await stage().open("compression", `made=${made.join(",")}`);
    const [whole, test] = [network(), digits()];
    for (const [i, setting] of settings.entries()) {
      using _ = scope();
      const model = compressed(whole, setting);
      const cells = page.locator(`[data-point="${made[i]}"] td`);
      await cells.first().waitFor();
      expect((await cells.allTextContents()).slice(0, 2), made[i]).toEqual([
        percent(accuracyOf(model, test)),
        bytes(bytesOf(model, setting.bits)),
      ]);
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  it("measures by keyboard, draws the front, and keeps what was made in the address", async () => {
    const { page, faults } = await stage().open("compression", "bits=4&sparsity=40");
    await page.locator('[data-point="32-0"]').waitFor();
    await page.getByLabel("Weights set to 0").focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("button", { name: "Measure", exact: true }).press("Enter");
    await page.locator('[data-point="4-39"]').waitFor();
    await page.waitForFunction(() => new URLSearchParams(location.search).get("made") === "32-0,4-39");
    const alt = await page.locator(".desk svg.lines").getAttribute("aria-label");
    expect(alt).toMatch(/^2 networks\. On the front: 4 bits, 39 % zeros: [\d.]+ %, [\d.]+ kB/);
    await page.getByRole("button", { name: "Measure all bits" }).press("Enter");
    await page.getByRole("button", { name: "Stop" }).press("Enter");
    await page.getByText("Stopped.").waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("profiles a run in the page: operations, calls and bytes are those of the same run in Node", async () => {
    const { page, faults } = await stage().open("compression", "run=step");
    await page.getByRole("button", { name: "Profile" }).press("Enter");
    await page.locator("[data-operation]").first().waitFor();
    const { rows } = profiled(network(), digits(), "step");
    const due = Object.fromEntries(
      rows.map((row) => [row.name, [row.calls, row.flops, row.bytes].map(count)]),
    );
    const seen = await page
      .locator("[data-operation]")
      .evaluateAll((list) =>
        list.map((one) => [
          (one as HTMLElement).dataset.operation ?? "",
          [...one.querySelectorAll("td")].slice(2, 5).map((cell) => cell.textContent),
        ]),
      );
    expect(seen.length).toBeGreaterThan(5);
    for (const [name, numbers] of seen) expect(numbers, String(name)).toEqual(due[String(name)]);
    const frames = await page.locator(".frame title").allTextContents();
    for (const word of [/^all: /, /^forward: /, /^backward: /, /^0 Conv2d: /]) {
      expect(frames.some((text) => word.test(text))).toBe(true);
    }
    expect(await page.locator(".profile svg.lines").getAttribute("aria-label")).toMatch(/^Ceilings: /);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits a telephone in the dark", async () => {
    const query = "profiled=true&made=8-80,32-0";
    const { width, faults, ink } = await onTelephone(stage(), "compression", query, "[data-operation]");
    expect([width, faults, ink]).toEqual([400, [], "#e8e6e1"]);
  });
}
