import type { ImageDataset } from "tensorgrad/data";
import type { Sequential } from "tensorgrad/nn";
import model from "./cnn.safetensors";
import { imagesOf, networkOf } from "./network.ts";
import images from "./test-images.idx3.gz";
import labels from "./test-labels.idx1.gz";

/** For workers of pages: files are loaded when they are asked for, and once. */

let network: Promise<Sequential> | null = null;
let digits: Promise<ImageDataset> | null = null;

export async function trainedNetwork(): Promise<Sequential> {
  network ??= answer(model).then(async (found) => networkOf(new Uint8Array(await found.arrayBuffer())));
  return network;
}

export async function testDigits(): Promise<ImageDataset> {
  digits ??= Promise.all([unpacked(images), unpacked(labels)]).then(([x, y]) => imagesOf(x, y));
  return digits;
}

/** Addresses of files are relative to the script that names them. */
async function answer(file: string): Promise<Response> {
  const found = await fetch(new URL(file, import.meta.url));
  if (!found.ok) throw new Error(`${file}: the server answers ${found.status}`);
  return found;
}

async function unpacked(file: string): Promise<Uint8Array> {
  const { body } = await answer(file);
  if (!body) throw new Error(`${file}: the server sends nothing`);
  const stream = body.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
