import { crc32, deflateSync } from "node:zlib";

/**
 * Encodes ink (0 = none, 1 = full) as a PNG data URI: black pixels whose opacity is the ink, so that the
 * page behind them may be light or dark.
 *
 * Source    W3C, Portable Network Graphics (third edition), § 5 and § 11
 */
export function inkImage(ink: ArrayLike<number>, width: number, height: number): string {
  const stride = 1 + 2 * width; // each row starts with its filter type, 0 = none; a pixel is grey, alpha
  const raw = Buffer.alloc(height * stride);
  for (let i = 0; i < width * height; i++) {
    const alpha = Math.round(255 * Math.min(1, Math.max(0, ink[i]!)));
    raw[Math.floor(i / width) * stride + 2 + 2 * (i % width)] = alpha;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 4, 0, 0, 0], 8); // 8 bits, grey with alpha, deflate, adaptive filters, not interlaced
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const png = [
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(raw, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return `data:image/png;base64,${Buffer.concat(png).toString("base64")}`;
}

/** Length, type, data, and the checksum over type and data. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
