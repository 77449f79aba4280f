import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Page, renderPage } from "tensorgrad/plots";
import { describe, expect, it } from "vitest";
import { writePage } from "./write-page.ts";

const page: Page = { title: "newer", lead: "", summary: [], sections: [] };

describe("writePage", () => {
  it("makes the folder, leaves no temporary file, and replaces an older page", () => {
    const folder = mkdtempSync(join(tmpdir(), "page-"));
    const path = join(folder, "deep", "index.html");
    writePage(path, { ...page, title: "older" });
    writePage(path, page);
    expect(readFileSync(path, "utf8")).toBe(renderPage(page));
    expect(readdirSync(join(folder, "deep"))).toEqual(["index.html"]);
    rmSync(folder, { recursive: true });
  });
});
