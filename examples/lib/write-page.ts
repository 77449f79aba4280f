import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Page, renderPage } from "tensorgrad/plots";
import writeFileAtomic from "write-file-atomic";

/** Writes a page; whoever has the older one open never sees half of a file. */
export function writePage(path: string, page: Page): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomic.sync(path, renderPage(page));
}
