import { Random } from "tensorgrad";
import { expect, it } from "vitest";
import { shown } from "../lib/numbers.ts";
import { onTelephone, type Stage } from "../lib/page.fixture.ts";
import { central, gradientAt } from "./look.ts";
import { type Bug, SUBJECT_NAMES, type Subject } from "./names.ts";

export function gradientCheckPage(stage: () => Stage): void {
  it("shows the library's differences and gradients at points drawn at random", async () => {
    const random = new Random(14);
    const subjects = Object.keys(SUBJECT_NAMES) as Subject[];
    for (const bug of ["none", "factor"] as const satisfies readonly Bug[]) {
      const subject = subjects[random.integer(subjects.length)];
      const [x, h] = [Math.round(20 + 180 * random.uniform()) / 100, -random.integer(9)];
      const { page, faults } = await stage().open("gradient-check", `f=${subject}&x=${x}&h=${h}&bug=${bug}`);
      await page.waitForSelector(".ridders, .panel-empty");
      const text = await page.locator(".numbers").textContent();
      const backward = gradientAt(subject, x, bug);
      expect(text).toContain(`backward: ${shown(backward, 12)}.`);
      for (const dtype of ["float32", "float64"] as const)
        expect(text).toContain(`${dtype}: ${shown(central(subject, x, 10 ** h, dtype), 12)} (off by`);
      expect(faults).toEqual([]);
      await page.close();
    }
  });

  it("moves the step by keyboard, and names the property that catches a bug", async () => {
    const { page, faults } = await stage().open("gradient-check", "bug=detached&h=-5");
    await page.waitForSelector(".ridders");
    await page.locator('input[type="range"]').nth(1).focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() => location.search.includes("h=-6"));
    expect(await page.locator(".numbers").textContent()).toMatch(/^h = 0\.000001|^h = 1\.0e−6|^h = 1e−6/);
    await page.waitForSelector('[data-bug="detached"][aria-current="true"]');
    expect(await page.locator('[data-bug="detached"] td').last().textContent()).toBe("second differences");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("goes on with plain loops where WebAssembly has no SIMD, and without shared memory", async () => {
    const { page, faults } = await stage().open("gradient-check", "", { simd: false, isolated: false });
    await page.waitForSelector(".ridders");
    expect(await page.locator(".fault").textContent()).toBe("");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits a telephone in the dark", async () => {
    const { width, faults, ink } = await onTelephone(stage(), "gradient-check", "", ".ridders");
    expect([width, faults, ink]).toEqual([400, [], "#e8e6e1"]);
  });
}
