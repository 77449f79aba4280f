import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { downloadDisplay } from "./download-display.ts";

/** A stream that remembers; `isTTY` makes it a terminal. */
function screen(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const pieces: string[] = [];
  const stream = new PassThrough().on("data", (piece) => pieces.push(String(piece)));
  const terminal = {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  };
  return {
    stream: Object.assign(stream, terminal) as unknown as NodeJS.WriteStream,
    text: () => pieces.join(""),
  };
}

const at = (bytes: number) => ({ url: "https://mirror/folder/file.gz", bytes, total: 4_000_000 });

describe("downloadDisplay", () => {
  it("writes one line per file where there is no terminal", async () => {
    const { stream, text } = screen(false);
    using display = await downloadDisplay({ stream });
    for (const bytes of [1_000_000, 3_000_000, 4_000_000]) display.onDownload(at(bytes));
    expect(text()).toBe("file.gz: 3.8 MB downloaded\n");
  });

  it("draws a bar on a terminal, and leaves one line", async () => {
    const { stream, text } = screen(true);
    using display = await downloadDisplay({ stream });
    display.onDownload(at(1_000_000));
    display.onDownload(at(4_000_000));
    expect(text()).toMatch(/file\.gz █+░+ 977 KB of 3\.8 MB/);
    expect(text().endsWith("file.gz: 3.8 MB downloaded\n")).toBe(true);
  });
});
