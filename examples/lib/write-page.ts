import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type Page, renderPage } from "tensorgrad/plots";
import { writeDurablySync } from "tensorgrad/runtime/node";

/** Writes a page; whoever has the older one open never sees half of a file. */
export function writePage(path: string, page: Page): void {
  mkdirSync(dirname(path), { recursive: true });
  writeDurablySync(path, renderPage(page));
}
