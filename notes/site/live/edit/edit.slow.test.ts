import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { draws } from "../../../../tensorgrad/tests/draws.fixture.ts";
import { canVisit, overflow, visitor } from "../../browser.fixture.ts";
import { placeOf, root, sources } from "../../files.ts";
import { runsInPages } from "../../theme/runs-in-pages.ts";

/** The complete snippets of a page that run in one, with what each promises to print. */
function snippets(file: string): { readonly promised: readonly string[] }[] {
  const blocks = readFileSync(join(root, file), "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm);
  return [...blocks]
    .map(([, code]) => code)
    .filter(runsInPages)
    .map((code) => ({ promised: [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text.trim()) }));
}

describe.skipIf(!canVisit)("a snippet in a page", () => {
  const site = visitor();
  const edit = async (page: Page, index = 0): Promise<void> => {
    await page.locator("button.edit").nth(index).press("Enter");
    await page.locator(".cm-content").last().waitFor();
  };
  const run = (page: Page) => page.getByRole("button", { name: "Run" }).last().click();
  const ended = (page: Page) =>
    page
      .getByText(/^(Done|Failed|Stopped)\./)
      .last()
      .waitFor();
  const write = async (page: Page, code: string): Promise<void> => {
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText(code);
  };

  it("prints what the note promises, as Node does", async () => {
    const page = await site.open("/");
    let count = 0;
    const files = sources().filter((name) => /^(notes\/\d\d-[^/]+|micrograd\/README)\.md$/.test(name));
    for (const file of files.filter((_, i) => i % draws(1, 6) === 0)) {
      const all = snippets(file);
      const index = all.findIndex(({ promised }) => promised.length > 0);
      if (index < 0) continue;
      await site.go(page, `/${placeOf(file).replace(/\.md$/, ".html")}`);
      await edit(page, index);
      await run(page);
      await ended(page);
      const lines = (await page.locator("pre.output .line").allTextContents()).map((line) =>
        line.trim().replaceAll(/\s+/g, " "),
      );
      expect(lines, file).toEqual(all[index].promised);
      count++;
    }
    expect(count).toBeGreaterThan(draws(10, 1));
  });

  it("loads nothing of the editor before it is asked for; then fits a telephone, also in the dark", async () => {
    const page = await site.open("/notes/05-autograd.html", { width: 400, scheme: "dark" });
    const scripts = (): Promise<number> =>
      page.evaluate(
        () => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/live/")).length,
      );
    expect(await scripts()).toBe(0);
    await edit(page);
    expect(await scripts()).toBeGreaterThan(0);
    expect(await overflow(page)).toBe(0);
  });

  it("runs what was changed, and stops an endless loop", async () => {
    const page = await site.open("/live/edit.html");
    await edit(page);
    await write(page, 'console.log("begins");\nfor (;;) {}');
    await page.keyboard.press("Control+Enter");
    await page.locator("pre.output").getByText("begins").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
    await write(page, "console.log(6 * 7);");
    await run(page);
    await page.getByText("Done.").waitFor();
    expect(await page.locator("pre.output").textContent()).toBe("42\n");
    await write(page, "const x = ;");
    await run(page);
    await page.getByText("Failed.").waitFor();
    expect(await page.locator("pre.output .fault").textContent()).toContain("Unexpected token");
    await page.getByRole("button", { name: "Reset" }).click();
    expect(await page.locator(".cm-content").textContent()).toContain("import { tensor }");
  });
});
