import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { findChromium } from "../lib/chromium.ts";
import { type Serving, serve } from "../lib/static-server.ts";
import { type Entry, parts, root } from "./files.ts";

/** What `npm run site -- --pdf` writes. */
export const BOOK: string = join(root, "out/book/notes.pdf");

/** A4 with margins of 1.5 cm, at 96 dots an inch. */
export const SHEET = { width: 680, height: 1009 } as const;
const MARGIN = "1.5cm";

/** The notes in their order, and the glossary that their terms lead to. */
export const chapters = (): Entry[] => [...parts().notes, { text: "Glossary", link: "/notes/glossary" }];

/** Prints the built site's notes as one book. Throws  Error where there is no Chromium */
export async function writeBook(path = BOOK): Promise<{ readonly pages: number; readonly bytes: number }> {
  const executablePath = findChromium();
  if (executablePath === null)
    throw new Error("site --pdf: there is no Chromium — install one, or say where it is: CHROMIUM=<path>");
  const [serving, browser] = await Promise.all([
    serve(),
    chromium.launch({ executablePath, args: ["--no-sandbox"] }),
  ]);
  try {
    const page = await browser.newPage();
    await bind(page, serving);
    const pdf = await print(page);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, pdf);
    return { pages: pagesOf(pdf), bytes: pdf.length };
  } finally {
    await browser.close();
    serving.server.closeAllConnections();
    serving.server.close();
  }
}

/** Puts all chapters into one page, as wide as the sheet. Scripts are left out: nothing moves on paper. */
export async function bind(page: Page, { address }: Pick<Serving, "address">): Promise<void> {
  const list = chapters();
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  await page.setViewportSize(SHEET);
  await page.route("**/*.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await page.goto(`${address}${list[0].link}.html`, { waitUntil: "load" });
  const bound = list.map(({ text, link }) => ({
    text,
    url: `${address}${link}.html`,
    name: link.split("/").at(-1) ?? "",
  }));
  await page.evaluate(bindInPage, bound);
}

interface Chapter {
  readonly text: string;
  readonly url: string;
  readonly name: string;
}

/** Runs in the page. Ids get their chapter's name in front; links between chapters lead inside the book, others of the site nowhere. */
async function bindInPage(list: readonly Chapter[]): Promise<void> {
  const place = document.querySelector(".vp-doc");
  if (!place) throw new Error("the page has no .vp-doc");
  const nameOf = new Map(list.map(({ url, name }) => [url, name]));
  // Without a name: what a compiler adds to named functions is not there in the page.
  const sections = await Promise.all(
    list.map(async ({ url, name }) => {
      const html = await (await fetch(url)).text();
      const section = document.createElement("section");
      section.id = name;
      section.style.breakBefore = "page";
      section.innerHTML =
        new DOMParser().parseFromString(html, "text/html").querySelector(".vp-doc")?.innerHTML ?? "";
      for (const one of section.querySelectorAll("[id]")) one.id = `${name}--${one.id}`;
      for (const one of section.querySelectorAll("details")) one.open = true;
      for (const image of section.querySelectorAll("img")) image.loading = "eager";
      for (const link of section.querySelectorAll("a")) {
        const to = new URL(link.getAttribute("href") ?? "", url);
        const known = nameOf.get(to.origin + to.pathname);
        if (known) link.href = to.hash ? `#${known}--${to.hash.slice(1)}` : `#${known}`;
        else if (to.origin === location.origin) link.removeAttribute("href");
      }
      return section;
    }),
  );
  const contents = list.map(({ text, name }) => `<li><a href="#${name}">${text}</a></li>`).join("");
  place.innerHTML = `<h1>From one scalar to a GPT</h1><ul>${contents}</ul>`;
  place.append(...sections);
  await Promise.all([...document.images].map((image) => image.decode()));
}

/** The bound page as a PDF, with an outline and page numbers. */
export const print = (page: Page): Promise<Buffer> =>
  page.pdf({
    format: "A4",
    margin: { top: MARGIN, bottom: MARGIN, left: MARGIN, right: MARGIN },
    outline: true,
    tagged: true,
    printBackground: true,
    displayHeaderFooter: true,
    headerTemplate: "<span></span>",
    footerTemplate:
      '<div style="width:100%;text-align:center;font-size:8px"><span class="pageNumber"></span></div>',
  });

/** How many pages a PDF has. */
export const pagesOf = (pdf: Buffer): number =>
  [...pdf.toString("latin1").matchAll(/\/Type ?\/Page\b(?!s)/g)].length;
