import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../notes/lib/chromium.ts";
import { root } from "./markdown.ts";

const executablePath = findChromium();
const hasRsvg = spawnSync("rsvg-convert", ["--version"]).status === 0;
const figures = ["notes/figures", "micrograd/figures"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".svg"))
    .map((file) => `${folder}/${file}`),
);
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** What a browser made of a text: where it stands, its colour, and the colour below its middle. */
interface Drawn {
  readonly text: string;
  readonly outside: number;
  readonly ink: string;
  readonly ground: string;
}

describe("every figure", () => {
  it("names its colours literally, and none of a page", () => {
    expect(figures.filter((file) => /var\(|color-mix|currentColor/.test(textOf(file)))).toEqual([]);
  });

  it("has a name for those who cannot see it", () => {
    expect(figures.filter((file) => !/aria-label="[^"]{5,}"|<title>[^<]{5,}/.test(textOf(file)))).toEqual([]);
  });

  it.skipIf(!hasRsvg)("is drawn by librsvg (Debian: apt-get install librsvg2-bin)", () => {
    for (const file of figures) {
      const { status, stdout } = spawnSync("rsvg-convert", [join(root, file)], { maxBuffer: 2 ** 27 });
      expect([file, status, stdout.subarray(1, 4).toString()]).toEqual([file, 0, "PNG"]);
    }
  });
});

describe.skipIf(!executablePath)("every figure in Chromium (CHROMIUM=<path> names a browser)", () => {
  let browser: Browser;
  let page: Page;
  const all = new Map<string, Drawn[]>();

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    page = await browser.newPage({ viewport: { width: 1600, height: 2000 } });
    for (const file of figures) {
      await page.setContent(`<body style="margin:0;background:#fff">${textOf(file)}</body>`);
      all.set(file, await page.evaluate(look));
    }
  }, 120_000);
  afterAll(() => browser?.close());

  it("has all of its text inside the drawing", () => {
    expect(
      failing(
        ({ outside }) => outside > 1,
        ({ outside }) => `${outside.toFixed(1)} px outside`,
      ),
    ).toEqual([]);
    expect([...all.values()].flat().length).toBeGreaterThan(500);
  });

  it("has text with a contrast of 4.5 and more, on light and dark pages: its ground is its own", () => {
    const low = ({ ink, ground }: Drawn) => contrast(ink, ground) < 4.5;
    expect(
      failing(low, ({ ink, ground }) => `${ink} on ${ground}, ${contrast(ink, ground).toFixed(2)}`),
    ).toEqual([]);
  });

  const failing = (bad: (one: Drawn) => boolean, why: (one: Drawn) => string): string[] =>
    [...all].flatMap(([file, texts]) => texts.filter(bad).map((one) => `${file}: "${one.text}" ${why(one)}`));
});

/** Runs in the page. */
function look(): Drawn[] {
  const svg = document.querySelector("svg") as SVGSVGElement;
  const frame = svg.getBoundingClientRect();
  const filled = (element: Element): boolean => {
    const { fill, fillOpacity } = getComputedStyle(element);
    return !/^(text|tspan|svg|g|line)$/.test(element.tagName) && fill !== "none" && Number(fillOpacity) > 0.5;
  };
  return [...svg.querySelectorAll("text")]
    .filter((text) => text.textContent?.trim() && text.getBoundingClientRect().width > 0)
    .map((text) => {
      const box = text.getBoundingClientRect();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const below = document
        .elementsFromPoint(x, y)
        .filter((element) => svg.contains(element) && filled(element));
      return {
        text: text.textContent ?? "",
        outside: Math.max(
          frame.left - box.left,
          box.right - frame.right,
          frame.top - box.top,
          box.bottom - frame.bottom,
        ),
        ink: getComputedStyle(text).fill,
        ground: below[0] ? getComputedStyle(below[0]).fill : "rgb(255, 255, 255)",
      };
    });
}

/** Source: WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [r, g, b] = (color.match(/[\d.]+/g) ?? []).map((value) => {
    const c = Number(value) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
