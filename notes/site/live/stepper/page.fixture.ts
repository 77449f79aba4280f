import fc from "fast-check";
import { expect, it } from "vitest";
import { shown } from "../lib/numbers.ts";
import { onTelephone, type Stage } from "../lib/page.fixture.ts";
import { graphOf } from "./build.ts";
import { programs } from "./programs.fixture.ts";

const FIELD = ".field input";

export function stepperPage(stage: () => Stage): void {
  it("shows the library's gradients of expressions drawn at random", async () => {
    const { page, faults } = await stage().open("stepper");
    for (const text of fc.sample(programs, { numRuns: 8, seed: 14 })) {
      await page.locator(FIELD).fill(text);
      const graph = graphOf(text);
      graph.root.backward();
      const seen = await page
        .locator(".box")
        .evaluateAll((boxes) =>
          boxes.map((one) => [
            one.querySelector(".data")?.textContent,
            one.querySelector(".grad")?.textContent,
          ]),
        );
      expect(seen).toEqual(graph.nodes.map(({ data, grad }) => [shown(data), shown(grad)]));
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  it("scrubs by keyboard, keeps its state in the address, and shows the right value beside a wrong one", async () => {
    const { page, faults } = await stage().open("stepper", "e=a+%3D+3%3B+b+%3D+a+%2B+a%3B+c+%3D+b+%2B+b");
    await page.locator('input[type="range"]').focus();
    for (const key of ["Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"])
      await page.keyboard.press(key);
    expect(await page.locator(".now").textContent()).toBe("b.grad += c.grad · 1  = 1 · 1 = 1;  0 → 1");
    await page.keyboard.press("ArrowLeft");
    expect(await page.locator('[data-node="b"] .grad').textContent()).toBe("0");
    await page.waitForFunction(() => location.search.includes("step=3"));
    await page.locator("label", { hasText: "naive recursion" }).click();
    expect(await page.locator('[data-node="a"] .grad').textContent()).toBe("6 ≠ 4");
    expect(await page.locator(".verdict").textContent()).toBe("Wrong: a has 6, right is 4.");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("names the place of what it cannot read, and keeps the last picture", async () => {
    const { page, faults } = await stage().open("stepper");
    await page.locator(FIELD).fill("a = 2; a * (a + 1");
    expect(await page.locator(".fault").textContent()).toMatch(/^position 18: expected “\)”, found the end/);
    expect(await page.locator(".box").count()).toBe(6);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits a telephone in the dark", async () => {
    const { width, faults, ink } = await onTelephone(stage(), "stepper", "mode=naive", ".box");
    expect([width, faults, ink]).toEqual([400, [], "#e8e6e1"]);
  });
}
