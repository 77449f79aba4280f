import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { draws } from "../../tensorgrad/tests/draws.fixture.ts";
import { canVisit, LOOKS, overflow, visitor } from "./browser.fixture.ts";
import { out, placeOf, sources } from "./files.ts";

const LIMIT = 300_000;
const pages = sources().map((file) => placeOf(file).replace(/\.md$/, ".html"));

describe.skipIf(!canVisit)("the site (npm run site; CHROMIUM=<path> names a browser)", () => {
  const site = visitor();

  it("shows every page, in both schemes, on a desk and on a telephone, within its weight", async () => {
    const heavy: string[] = [];
    const page = await site.open("/");
    const some = pages.filter((_, i) => i % draws(1, 3) === 0); // by night all of them
    for (const [i, path] of some.entries()) {
      const { width, scheme } = LOOKS[i % LOOKS.length];
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: scheme });
      await site.go(page, `/${path}`);
      const loaded = await page.evaluate(() =>
        [location.href, ...performance.getEntriesByType("resource").map(({ name }) => name)].map(
          (name) => new URL(name).pathname,
        ),
      );
      const weight = [...new Set(loaded)].map(gzipped).reduce((sum, bytes) => sum + bytes, 0);
      if (weight > LIMIT) heavy.push(`${path}: ${weight} bytes`);
      expect(await page.locator(".vp-doc h1").count(), path).toBe(1);
      expect(
        await page
          .locator(".vp-doc img")
          .evaluateAll((all) => all.every((image) => (image.getAttribute("alt") ?? "").length > 10)),
        path,
      ).toBe(true);
      expect(await overflow(page), path).toBe(0);
      await page.setViewportSize({ width: 400, height: 800 });
      expect(await overflow(page), `${path} at 400 px`).toBe(0);
    }
    expect(heavy).toEqual([]);
    expect(pages.length).toBeGreaterThan(50);
  });

  it("finds a term from the keyboard, and goes there", async () => {
    const page = await site.open("/");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    await page.keyboard.press("/");
    await page.locator("#localsearch-input").fill("cotangent");
    await page.locator("#localsearch-list .result").first().waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/glossary\.html/);
    await expect
      .poll(() => page.locator(".vp-doc").textContent(), { timeout: 20_000 })
      .toContain("cotangent");
  });

  it("explains a term at its first use, and leads to its line", async () => {
    const page = await site.open("/notes/05-autograd.html");
    const term = page.locator('.vp-doc a.term[href$="#jacobian"]');
    expect(await term.count()).toBe(1);
    expect(await term.getAttribute("title")).toContain("the table of all slopes");
    await term.click();
    await page.waitForURL(/glossary\.html#jacobian/);
    expect(await page.locator("#jacobian").textContent()).toBe("Jacobian");
  });

  it("shows a number without the comment that marks it, in text, tables and where a line begins", async () => {
    const page = await site.open("/notes/05-autograd.html");
    const text = await page.locator(".vp-doc").innerText();
    expect(text).toMatch(/A Hessian times a vector costs \d\.\d gradients, and never the Hessian itself/);
    for (const path of pages) {
      const html = readFileSync(join(out, path), "utf8");
      expect(html.replace(/<(code|pre)[\s\S]*?<\/\1>/g, ""), path).not.toMatch(/<!-- ?\/|&lt;!--/);
    }
  });

  it("has only links that lead somewhere", () => {
    const wrong: string[] = [];
    for (const file of readdirSync(out, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".html"),
    )) {
      const html = readFileSync(join(out, file), "utf8");
      for (const [, link] of html.matchAll(/<(?:a|img|script|link)\b[^>]*?\s(?:href|src)="([^"]+)"/g)) {
        const fault = faultOf(link.replaceAll("&amp;", "&"), file);
        if (fault) wrong.push(`${file}: ${link} ${fault}`);
      }
    }
    expect([...new Set(wrong)]).toEqual([]);
  });

  it("prints: nothing is cut, and a note takes a sensible number of pages", async () => {
    const page = await site.open("/");
    await page.emulateMedia({ media: "print", colorScheme: "light" });
    await page.setViewportSize({ width: 718, height: 1047 }); // A4 with margins of a centimetre, at 96 dots an inch
    const printed = pages.filter((page) => /^notes\/\d\d-/.test(page));
    for (const path of printed.filter((_, i) => i % draws(1, 5) === 0)) {
      await site.go(page, `/${path}`);
      const cut = await page.locator(".vp-doc :is(pre, table, img, svg, p)").evaluateAll((all) =>
        all
          .filter(
            (part) =>
              part.getBoundingClientRect().right > innerWidth + 1 || part.scrollWidth > part.clientWidth + 1,
          )
          .filter((part) => part.clientWidth > 0)
          .map((part) => part.outerHTML.slice(0, 120)),
      );
      expect(cut, path).toEqual([]);
      const height = await page.evaluate(() => document.querySelector(".vp-doc")?.scrollHeight ?? 0);
      if (path.startsWith("notes/05")) {
        const margin = "1cm";
        const pdf = await page.pdf({
          format: "A4",
          margin: { top: margin, bottom: margin, left: margin, right: margin },
        });
        const count = [...pdf.toString("latin1").matchAll(/\/Type ?\/Page\b(?!s)/g)].length;
        expect(count).toBeGreaterThanOrEqual(Math.floor(height / 1047));
        expect(count).toBeLessThanOrEqual(Math.ceil(height / 1047) + 3);
      }
    }
  });

  it("starts a live part, stops its work, and ends it when one goes on", async () => {
    const page = await site.open("/live/machine.html");
    await page.getByText(/Kernels: (simd|relaxed|scalar)/).waitFor();
    await page.getByLabel("Matrices").selectOption("128");
    await page.waitForURL(/\?size=128$/);
    await page.getByRole("button", { name: "Multiply" }).press("Enter");
    await page.locator("output").getByText("billion operations").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Multiply" }).isEnabled();
    await page.locator('.VPSidebar a[href$="/notes/glossary.html"]').click(); // a page without a worker of its own
    await page.waitForURL((url) => !url.pathname.endsWith("machine.html"));
    await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0); // a busy thread ends in its own time
    await page.goBack();
    await page.getByText(/Kernels:/).waitFor();
    expect(await page.getByLabel("Matrices").inputValue()).toBe("128");
  });

  it("gets threads from a static host when asked to", async () => {
    const page = await site.open("/live/machine.html");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await page.getByRole("button", { name: "Use all cores" }).click();
    await page.waitForFunction(() => crossOriginIsolated);
    await page.getByText(/Kernels:/).waitFor();
    expect(await page.getByRole("button", { name: "Use all cores" }).count()).toBe(0);
  });

  it("says that there is one thread where memory may not be shared", async () => {
    const page = await site.open("/live/machine.html");
    expect(await page.locator(".threads").textContent()).toMatch(/^One thread/);
  });
});

const gzipped = (path: string): number => {
  const file = fileAt(path);
  return file ? gzipSync(readFileSync(file)).length : 0;
};

/** The file that a static host gives for a path. */
function fileAt(path: string): string | null {
  const file = join(out, decodeURIComponent(path));
  const index = join(file, "index.html");
  if (existsSync(index)) return index;
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}

function faultOf(link: string, from: string): string | null {
  if (/^(https?:|data:|mailto:|javascript:)/.test(link)) return null;
  const [path, anchor] = link.split("#");
  const at = path.startsWith("/") ? path : relative(out, resolve(out, dirname(from), path.split("?")[0]));
  const file = path === "" ? join(out, from) : fileAt(at.split("?")[0]);
  if (file === null) return "is not there";
  if (!anchor || !file.endsWith(".html")) return null;
  return idsOf(file).has(decodeURIComponent(anchor)) ? null : "has no such anchor";
}

const known = new Map<string, ReadonlySet<string>>();

function idsOf(file: string): ReadonlySet<string> {
  const ids =
    known.get(file) ??
    new Set([...readFileSync(file, "utf8").matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
  known.set(file, ids);
  return ids;
}
