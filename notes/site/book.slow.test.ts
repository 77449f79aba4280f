import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { bind, chapters, pagesOf, print, SHEET } from "./book.ts";
import { canVisit, visitor } from "./browser.fixture.ts";

describe.skipIf(!canVisit)("the notes as one book (npm run site; CHROMIUM=<path> names a browser)", () => {
  const site = visitor();

  it("prints: nothing is cut at the right, no figure is split, links stay inside", {
    timeout: 120_000,
  }, async () => {
    const page = await site.open("/notes/glossary.html");
    await bind(page, site);
    expect(await cutAtTheRight(page)).toEqual([]);
    const { figures, tall } = await figuresOf(page, SHEET.height);
    expect(tall).toEqual([]); // a browser splits an image only if no sheet can hold it
    expect(figures).toBeGreaterThan(20);
    expect(await lostLinks(page)).toEqual([]);
    const heights = await page
      .locator(".vp-doc > section")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    expect(heights).toHaveLength(chapters().length);
    const least = heights.reduce((sum, height) => sum + Math.ceil(height / SHEET.height), 1);
    const pdf = await print(page);
    expect(pagesOf(pdf)).toBeGreaterThanOrEqual(least - heights.length);
    expect(pagesOf(pdf)).toBeLessThanOrEqual(Math.ceil(1.25 * least) + heights.length);
    const text = pdf.toString("latin1");
    expect(text.match(/\/Title/g)?.length ?? 0).toBeGreaterThan(10 * chapters().length); // its outline: all headings
  });
});

const cutAtTheRight = (page: Page): Promise<string[]> =>
  page.locator(".vp-doc :is(pre, table, img, svg, p, li, h1, h2, h3)").evaluateAll((all) =>
    all
      .filter((part) => part.clientWidth > 0)
      .filter(
        (part) =>
          part.getBoundingClientRect().right > innerWidth + 1 || part.scrollWidth > part.clientWidth + 1,
      )
      .map((part) => `${part.closest("section")?.id}: ${part.outerHTML.slice(0, 120)}`),
  );

const figuresOf = (page: Page, height: number): Promise<{ figures: number; tall: string[] }> =>
  page.locator(".vp-doc img").evaluateAll(
    (all, height) => ({
      figures: all.length,
      tall: all
        .filter(
          (one) =>
            one.getBoundingClientRect().height > height || getComputedStyle(one).breakInside !== "avoid",
        )
        .map((one) => one.getAttribute("src") ?? ""),
    }),
    height,
  );

const lostLinks = (page: Page): Promise<string[]> =>
  page
    .locator('.vp-doc a[href^="#"]')
    .evaluateAll((all) =>
      all
        .map((one) => decodeURIComponent(one.getAttribute("href")?.slice(1) ?? ""))
        .filter((id) => document.getElementById(id) === null),
    );
