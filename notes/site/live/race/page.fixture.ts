import { Random } from "tensorgrad";
import { expect, it } from "vitest";
import { shown } from "../lib/numbers.ts";
import { onTelephone, type Stage } from "../lib/page.fixture.ts";
import { SURFACES, type Surface } from "./names.ts";
import { race } from "./race.ts";

export function racePage(stage: () => Stage): void {
  it("shows the heights that the library reaches, with rates drawn at random, and scrubs by keyboard", async () => {
    const random = new Random(14);
    const surfaces = Object.keys(SURFACES) as Surface[];
    const [surface, rate] = [surfaces[random.integer(surfaces.length)], (5 + random.integer(10)) / 10];
    const tracks = race({ surface, rate, schedule: "cosine", clip: 1 });
    const { page, faults } = await stage().open(
      "race",
      `on=${surface}&rate=${rate}&schedule=cosine&clip=norm1&step=20`,
    );
    await page.waitForSelector("[data-racer]");
    const seen = async () =>
      Object.fromEntries(
        await page
          .locator("[data-racer]")
          .evaluateAll((rows) =>
            rows.map((one) => [(one as HTMLElement).dataset.racer, one.querySelector("td")?.textContent]),
          ),
      );
    const due = (step: number) =>
      Object.fromEntries(tracks.map(({ racer, losses }) => [racer, shown(losses[step], 5)]));
    expect(await seen()).toEqual(due(20));
    await page.locator('input[type="range"]').last().focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
    expect(await seen()).toEqual(due(23));
    await page.waitForFunction(() => location.search.includes("step=23"));
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits a telephone in the dark", async () => {
    const { width, faults, ink } = await onTelephone(stage(), "race", "", "[data-racer]");
    expect([width, faults, ink]).toEqual([400, [], "#e8e6e1"]);
  });
}
