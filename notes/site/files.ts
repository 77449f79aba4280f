import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * Which Markdown files become pages, and where. The files stay where they are: `notes/05-autograd.md` is the page
 * `notes/05-autograd.html`, `micrograd/README.md` is `micrograd/index.html`, and what exists for the site alone, below
 * `notes/site/pages/`, stands at the site's root.
 */

/** A title, and the page that has it: an address from the site's root. */
export interface Entry {
  readonly text: string;
  readonly link: string;
}

export const root: string = resolve(import.meta.dirname, "../..");
export const site: string = join(root, "notes/site");
/** What `npm run site` writes. */
export const out: string = join(root, "out/site");

const OWN = "notes/site/pages/";

/** Every page's source, from the repository's root. */
export function sources(): string[] {
  return [
    "README.md",
    "micrograd/README.md",
    "tensorgrad/README.md",
    "verify/README.md",
    ...markdown("notes"),
    ...markdown("notes/decisions"),
    ...markdown("notes/site/pages", { recursive: true }),
  ];
}

/** Whether a Markdown file, named from the repository's root, becomes a page. */
export const isPage = (file: string): boolean => sources().includes(file);

/** Where a page stands: `notes/decisions/README.md` → `notes/decisions/index.md`. */
export function placeOf(file: string): string {
  if (file === "README.md") return "overview.md";
  if (file.startsWith(OWN)) return file.slice(OWN.length);
  return file.replace(/README\.md$/, "index.md");
}

const markdown = (folder: string, { recursive = false } = {}): string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive, encoding: "utf8" })
        .filter((file) => file.endsWith(".md"))
        .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
        .sort()
    : [];

function entry(file: string): Entry {
  const title = /^# (.+)$/m.exec(readFileSync(join(root, file), "utf8"))?.[1];
  if (!title) throw new Error(`${file}: a page needs a title, a line that begins with "# "`);
  return { text: title.replaceAll("`", ""), link: `/${placeOf(file).replace(/(index)?\.md$/, "")}` };
}

/** All pages by the part that they belong to, each in its order. */
export function parts(): Readonly<Record<"notes" | "more" | "live" | "packages" | "decisions", Entry[]>> {
  const notes = markdown("notes");
  const isNumbered = (file: string): boolean => /^notes\/\d\d-/.test(file);
  return {
    notes: notes.filter(isNumbered).map(entry),
    more: notes.filter((file) => !isNumbered(file) && !file.endsWith("glossary.md")).map(entry),
    live: markdown(`${OWN}live`).sort(byOrder).map(entry),
    packages: ["micrograd/README.md", "tensorgrad/README.md", "verify/README.md"].map(entry),
    decisions: markdown("notes/decisions")
      .filter((file) => !file.endsWith("README.md"))
      .map(entry),
  };
}

/** Live pages stand in the order that their front matter gives: `order: 3`. */
const byOrder = (a: string, b: string): number => orderOf(a) - orderOf(b);
const orderOf = (file: string): number =>
  Number(/^order: (\d+)$/m.exec(readFileSync(join(root, file), "utf8"))?.[1] ?? 99);
