import { crc32, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inkImage } from "./png.ts";

describe("inkImage", () => {
  it("writes ink as the opacity of black pixels, row by row", () => {
    const { header, rows } = decode(inkImage([0, 0.5, 1, 2, -1, 1 / 255], 3, 2));
    expect(header).toEqual({ width: 3, height: 2, bits: 8, greyWithAlpha: 4 });
    // filter 0, then (grey, alpha) pairs; values are clamped to 0..1
    expect(rows).toEqual([
      [0, 0, 0, 0, 128, 0, 255],
      [0, 0, 255, 0, 0, 0, 1],
    ]);
  });
});

/** A decoder for the one kind of PNG written here; checks every chunk's checksum on the way. */
function decode(uri: string) {
  const png = Buffer.from(uri.replace("data:image/png;base64,", ""), "base64");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.toString("latin1", 0, 4), body.subarray(4));
    at += 12 + length;
  }
  const head = chunks.get("IHDR")!;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const raw = inflateSync(chunks.get("IDAT")!);
  const rows = Array.from({ length: height }, (_, row) => [
    ...raw.subarray(row * (1 + 2 * width), (row + 1) * (1 + 2 * width)),
  ]);
  return { header: { width, height, bits: head[8], greyWithAlpha: head[9] }, rows };
}
