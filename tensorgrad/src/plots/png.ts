import { encode } from "fast-png";

/**
 * Encodes ink (0 = none, 1 = full) as a PNG data URI: black pixels whose opacity is the ink, so that the
 * page behind them may be light or dark.
 */
export function inkImage(ink: ArrayLike<number>, width: number, height: number): string {
  const data = new Uint8Array(2 * width * height); // grey and alpha
  for (let i = 0; i < width * height; i++)
    data[2 * i + 1] = Math.round(255 * Math.min(1, Math.max(0, ink[i])));
  return pngUri(data, width, height, 2);
}

/** A PNG data URI of bytes pixel by pixel: grey (1 channel), grey and alpha (2), RGB (3) or RGBA (4). */
export function pngUri(data: Uint8Array, width: number, height: number, channels: 1 | 2 | 3 | 4): string {
  const png = encode({ data, width, height, channels, depth: 8 }, { zlib: { level: 9 } });
  let binary = "";
  for (const byte of png) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}
