import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Random } from "tensorgrad";
import { expect, it } from "vitest";
import { imagesOf, networkOf } from "../digits/network.ts";
import { percent, shown } from "../lib/numbers.ts";
import { onTelephone, type Stage } from "../lib/page.fixture.ts";
import { pixelsOf, readStrokes } from "./strokes.ts";
import { read, walk } from "./tensors.ts";

const digits = join(import.meta.dirname, "../digits");
const file = (name: string): Buffer => readFileSync(join(digits, name));

export function convolutionPage(stage: () => Stage): void {
  it("shows the library's convolution and its matrix, with settings drawn at random", async () => {
    const random = new Random(14);
    const [seed, kernel, stride] = [1 + random.integer(20), 2 + random.integer(2), 1 + random.integer(2)];
    const [padding, dilation] = [random.integer(3), 1 + random.integer(2)];
    const { image, w, columns, y } = walk({ ...{ seed, kernel, stride, padding, dilation }, filter: "seed" });
    const at = random.integer(y.data.length);
    const { page, faults } = await stage().open(
      "convolution",
      `seed=${seed}&kernel=${kernel}&stride=${stride}&padding=${padding}&dilation=${dilation}&at=${at}`,
    );
    await page.waitForSelector('[data-name="columns"]');
    const cells = (name: string) => page.locator(`[data-name="${name}"] .cell`).allTextContents();
    const due = (data: readonly number[]) => data.map((x) => shown(x));
    expect(await cells("image")).toEqual(due(image.data));
    expect(await cells("filter")).toEqual(due(w.data));
    expect(await cells("columns")).toEqual(due(columns.data));
    for (const name of ["result", "row of results"]) expect(await cells(name)).toEqual(due(y.data));
    const marked = await page.locator('[data-name="image"] .marked').allTextContents();
    const window = w.data.map((_, tap) => columns.data[tap * y.data.length + at]);
    expect(marked).toEqual(due(window));
    expect(await page.locator('[data-name="columns"] .marked').allTextContents()).toEqual(due(window));
    const sum = (await page.locator(".terms").textContent()) ?? "";
    expect(sumOf(sum)).toBe(y.data[at]);
    expect(sum.endsWith(`= ${shown(y.data[at])}`)).toBe(true);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("walks over the result by keyboard and by mouse, and says why a window does not fit", async () => {
    const { page, faults } = await stage().open("convolution", "at=7");
    await page.locator('[data-name="result"] .chosen').focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction(() => location.search.includes("at=14"));
    await page.locator('[data-name="columns"] .cell').nth(20).hover();
    await page.waitForFunction(() => location.search.includes("at=20"));
    for (const [name, key] of [
      ["Padding", "Home"],
      ["Kernel", "End"],
      ["Dilation", "End"],
    ]) {
      await page.getByLabel(name).focus();
      await page.keyboard.press(key);
    }
    await page
      .locator(".windows .fault")
      .getByText(/^unfold: image 6×6, 6×6 with its padding — the window 10×10 must fit/)
      .waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("reads test images as the library does, and says which are wrong", async () => {
    const model = networkOf(file("cnn.safetensors"));
    const test = imagesOf(
      ...(["test-images.idx3.gz", "test-labels.idx1.gz"].map((name) => gunzipSync(file(name))) as [
        Buffer,
        Buffer,
      ]),
    );
    const digit = new Random(14).integer(1000);
    const { page, faults } = await stage().open("convolution", `digit=${digit}`);
    await page.locator(".digit .status").getByText("The label says").waitFor();
    const pixels = Float32Array.from(test.pixels(digit), (byte) => byte / 255);
    const { probabilities } = read(model, pixels);
    expect(await page.locator("[data-digit] .number").allTextContents()).toEqual(
      probabilities.map((p) => percent(p)),
    );
    const best = probabilities.indexOf(Math.max(...probabilities));
    expect(await page.locator(".digit .status").textContent()).toContain(
      `The label says ${test.label(digit)}: ${best === test.label(digit) ? "right" : "wrong"}.`,
    );
    expect(await page.locator("[data-map]").count()).toBe(8);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("reads what is drawn, by pointer and by keyboard, and keeps it in the address", async () => {
    const { page, faults } = await stage().open("convolution");
    await page.locator(".status").getByText("The network reads 2").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("Draw a digit in the square.").waitFor();
    const box = (await page.locator(".pad").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(box.x + box.width / 2, box.y + 30);
    await page.mouse.down();
    for (let y = 40; y <= 200; y += 10) await page.mouse.move(box.x + box.width / 2, box.y + y);
    await page.mouse.up();
    await page.locator(".status").getByText("The network reads 1").waitFor();
    const model = networkOf(file("cnn.safetensors"));
    const numbers = () => page.locator("[data-digit] .number").allTextContents();
    const due = () => {
      const pixels = pixelsOf(readStrokes(new URL(page.url()).searchParams.get("ink") ?? ""));
      return pixels && read(model, pixels).probabilities.map((p) => percent(p));
    };
    await expect.poll(async () => JSON.stringify(await numbers()) === JSON.stringify(due())).toBe(true); // the address follows
    expect(Number.parseFloat(due()?.[1] ?? "")).toBeGreaterThan(50);
    await page.locator(".pad").focus();
    for (const key of ["Delete", " ", "ArrowDown", "ArrowDown", " ", "ArrowLeft"])
      await page.keyboard.press(key);
    await page.waitForFunction(() => location.search.includes("ink=505050545058"));
    expect(faults).toEqual([]);
    await page.close();
  });

  it("fits a telephone in the dark", async () => {
    const { width, faults, ink } = await onTelephone(stage(), "convolution", "", "[data-map] canvas");
    expect([width, faults, ink]).toEqual([400, [], "#e8e6e1"]);
  });
}

/** `3·(−1) + 2·0 = …`, computed from its text. */
const sumOf = (text: string): number =>
  text
    .split(" = ")[0]
    .split(" + ")
    .map((term) => term.replaceAll(/[()]/g, "").replaceAll("−", "-").split("·").map(Number))
    .reduce((sum, [a, b]) => sum + a * b, 0);
