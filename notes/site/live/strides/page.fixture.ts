import { Random } from "tensorgrad";
import { expect, it } from "vitest";
import { shown } from "../lib/numbers.ts";
import { onTelephone, type Stage } from "../lib/page.fixture.ts";
import { addressInWords } from "./cells.ts";
import { broadcast, product, seeViews } from "./tensors.ts";

export function stridesPage(stage: () => Stage): void {
  it("shows the library's views and gradients, on seeds drawn at random", async () => {
    const seed = 1 + new Random(14).integer(20);
    const { page, faults } = await stage().open(
      "strides",
      `seed=${seed}&views=firstRows.transpose&at=3&a=1,3&b=4,1`,
    );
    await page.waitForSelector('.product [data-name="db"]');
    const cells = (where: string, name: string) =>
      page.locator(`${where} [data-name="${name}"] .cell`).allTextContents();
    const seen = seeViews(["firstRows", "transpose"]).at(-1);
    expect(await cells(".views", "result")).toEqual(seen?.data.map((x) => shown(x)));
    if (seen) expect(await page.locator(".address").textContent()).toContain(addressInWords(seen, 3));
    const walked = broadcast([1, 3], [4, 1], seed);
    expect(await cells(".broadcast", "gradient of a")).toEqual(walked.da.data.map((x) => shown(x)));
    expect(await cells(".broadcast", "gradient of b")).toEqual(walked.db.data.map((x) => shown(x)));
    const { da, db } = product(seed);
    expect([await cells(".product", "da"), await cells(".product", "db")]).toEqual(
      [da, db].map(({ data }) => data.map((x) => shown(x))),
    );
    expect(faults).toEqual([]);
    await page.close();
  });

  it("walks over cells by keyboard, and says why shapes do not fit", async () => {
    const { page, faults } = await stage().open("strides");
    await page.waitForSelector(".views .chosen");
    await page.locator('.views [data-name="result"] .chosen').focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => location.search.includes("at=6"));
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction(() => location.search.includes("at=9"));
    await page.locator(".field input").first().fill("3, 2");
    expect(await page.locator(".field .fault").nth(1).textContent()).toMatch(
      /^\[3,2\] and \[4\] do not broadcast: dim −1 is 2/,
    );
    await page.locator(".field input").first().fill("many");
    expect(await page.locator(".field .fault").first().textContent()).toMatch(/^one or two sizes/);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits a telephone in the dark", async () => {
    const { width, faults, ink } = await onTelephone(stage(), "strides", "", ".product .matrix");
    expect([width, faults, ink]).toEqual([400, [], "#e8e6e1"]);
  });
}
