import { Random } from "tensorgrad";
import { expect, it } from "vitest";
import { shown } from "../lib/numbers.ts";
import { onTelephone, type Stage } from "../lib/page.fixture.ts";
import { pointsOf, ScalarEngine } from "./engines.ts";

export function boundaryPage(stage: () => Stage): void {
  it("learns XOR, within a second where nothing else runs, and says how long it took", async () => {
    const { page, faults } = await stage().open("boundary");
    await page.getByText("4 points. Nothing is learned yet.").waitFor();
    await page.getByRole("button", { name: "Train" }).click();
    await page.waitForFunction(() =>
      /All points right|100 % right/.test(document.querySelector(".status")?.textContent ?? ""),
    );
    expect(faults).toEqual([]);
    await page.close();
  });

  it("takes the steps that the scalar engine takes in Node, from seeds drawn at random", async () => {
    const random = new Random(14);
    const [seed, width] = [1 + random.integer(20), 2 + random.integer(6)];
    const { page, faults } = await stage().open("boundary", `set=moons&seed=${seed}&width=${width}&lr=0.3`);
    await page.getByText("100 points. Nothing is learned yet.").waitFor();
    const engine = new ScalarEngine(pointsOf("moons", seed), { width, lr: 0.3, momentum: 0.9, seed });
    for (let step = 1; step <= 3; step++) {
      await page.getByRole("button", { name: "One step" }).press("Enter");
      await page.getByText(`Step ${step}:`).waitFor();
      const { loss, nodes } = engine.step();
      const cells = await page.locator('[data-engine="micrograd"] td').allTextContents();
      expect(cells.slice(0, 2)).toEqual([shown(loss, 6), nodes.toLocaleString("en-US")]);
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  it("takes points by keyboard, and keeps them in the address", async () => {
    const { page, faults } = await stage().open("boundary", "set=own");
    await page.locator(".plane").focus();
    for (const key of ["ArrowRight", "ArrowUp", "1", "ArrowLeft", "0"]) await page.keyboard.press(key);
    await page.waitForFunction(
      () => new URLSearchParams(location.search).get("points") === "0.1,0.1,1;0,0.1,0",
    );
    await page.getByText("2 points.").waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits a telephone in the dark", async () => {
    const { width, faults, ink } = await onTelephone(stage(), "boundary", "", ".plane canvas");
    expect([width, faults, ink]).toEqual([400, [], "#e8e6e1"]);
  });
}
