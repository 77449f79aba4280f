import { decode as decodePng } from "fast-png";
import jpeg from "jpeg-js";
import { FormatError } from "../../00-runtime/index.ts";

/** Bytes of an image, channel after channel: red, green, blue planes; one plane of grey. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** Larger pictures are no examples for training, and files that claim to be are refused before memory is taken. */
const MOST_MEGAPIXELS = 64;

/** Numbers of an image as decoders give them: side by side for each pixel, 1 (grey), 2 (grey, alpha), 3 or 4 of them. */
interface Interleaved {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: ArrayLike<number>;
  /** What stands for white. */
  readonly white: number;
}

/**
 * Reads a PNG or JPEG file. Transparency is left out; 16 bits become 8.
 *
 * Throws  FormatError for what is neither, or damaged
 */
export function decodePicture(bytes: Uint8Array, channels: 1 | 3, call: string): Picture {
  const image = decoded(bytes, call);
  const { width, height } = image;
  return { width, height, channels, pixels: channels === 1 ? grey(image) : colours(image) };
}

function decoded(bytes: Uint8Array, call: string): Interleaved {
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!isPng && !isJpeg)
    throw new FormatError(`${call}: neither PNG nor JPEG — convert it, or take it out of the folder`);
  try {
    return isPng ? png(bytes, call) : jpg(bytes);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`${call}: a damaged ${isPng ? "PNG" : "JPEG"} (${(error as Error).message})`);
  }
}

function png(bytes: Uint8Array, call: string): Interleaved {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const megapixels = bytes.length < 24 ? 0 : (view.getUint32(16) * view.getUint32(20)) / 1e6;
  if (megapixels > MOST_MEGAPIXELS)
    throw new FormatError(
      `${call}: ${Math.round(megapixels)} million pixels — at most ${MOST_MEGAPIXELS} million are read; make it smaller`,
    );
  const { width, height, channels, data, depth, palette } = decodePng(bytes);
  if (palette) {
    const flat = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) flat.set(palette[data[i]].slice(0, 3), 3 * i);
    return { width, height, channels: 3, data: flat, white: 255 };
  }
  return { width, height, channels, data, white: 2 ** depth - 1 };
}

function jpg(bytes: Uint8Array): Interleaved {
  const limits = { maxResolutionInMP: MOST_MEGAPIXELS, maxMemoryUsageInMB: 16 * MOST_MEGAPIXELS };
  const { width, height, data } = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false, ...limits });
  return { width, height, channels: 3, data, white: 255 };
}

const byte = (value: number, white: number): number => Math.round((value * 255) / white);

/** One plane; of colours their brightness. Source: ITU-R BT.601 */
function grey({ width, height, channels, data, white }: Interleaved): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const at = i * channels;
    if (channels < 3) return byte(data[at], white);
    return byte(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2], white);
  });
}

function colours({ width, height, channels, data, white }: Interleaved): Uint8Array {
  const plane = width * height;
  const pixels = new Uint8Array(3 * plane);
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < plane; i++)
      pixels[c * plane + i] = byte(data[i * channels + (channels < 3 ? 0 : c)], white);
  return pixels;
}

/**
 * The picture in another size: each new pixel is the mean of those it covers, in parts; where it is smaller than one, of the two
 * nearest in each direction.
 */
export function resized(picture: Picture, height: number, width: number): Picture {
  if (picture.height === height && picture.width === width) return picture;
  const { channels } = picture;
  const pixels = new Uint8Array(channels * height * width);
  const [rows, columns] = [weights(picture.height, height), weights(picture.width, width)];
  for (let c = 0; c < channels; c++) {
    const plane = picture.pixels.subarray(c * picture.width * picture.height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (const [i, wy] of rows[y])
          for (const [j, wx] of columns[x]) sum += wy * wx * plane[i * picture.width + j];
        pixels[(c * height + y) * width + x] = Math.round(sum);
      }
  }
  return { width, height, channels, pixels };
}

/** For each new place the old ones that it is made of, with their weights; a triangle as wide as a new pixel, or as an old one. */
function weights(from: number, to: number): [place: number, weight: number][][] {
  const scale = from / to;
  const reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const parts: [number, number][] = [];
    for (let j = Math.ceil(centre - reach); j <= Math.floor(centre + reach); j++) {
      const weight = 1 - Math.abs(j - centre) / reach;
      if (weight > 0) parts.push([Math.min(Math.max(j, 0), from - 1), weight]);
    }
    const total = parts.reduce((sum, [, weight]) => sum + weight, 0);
    return parts.map(([place, weight]) => [place, weight / total]);
  });
}
