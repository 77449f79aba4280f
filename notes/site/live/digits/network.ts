import { ImageDataset, parseLabelledImages } from "tensorgrad/data";
import type { Sequential } from "tensorgrad/nn";
import { decodeTensors } from "tensorgrad/train";
import { digitNetwork } from "../../../lib/digit-network.ts";

/** What notes/measure/trained/09-digits.ts has written, as a network and as test images. */

/** The trained network, from the bytes of its file. */
export function networkOf(file: Uint8Array): Sequential {
  const model = digitNetwork();
  model.loadStateDict(decodeTensors(file).tensors);
  model.eval();
  return model;
}

/** Test images with their labels, from the bytes of both files, unpacked. */
export function imagesOf(images: Uint8Array, labels: Uint8Array): ImageDataset {
  const read = parseLabelledImages(
    { file: "test-images.idx3", bytes: images },
    { file: "test-labels.idx1", bytes: labels },
  );
  return new ImageDataset(read.images, read.labels, { shape: [1, read.rows, read.columns] });
}
