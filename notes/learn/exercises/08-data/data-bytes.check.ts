import { DataLoader, ImageDataset } from "tensorgrad/data";
import { asked } from "../compare.ts";

const pixels = () => new Uint8Array(1000 * 28 * 28);
const loader = (dropLast = false) =>
  new DataLoader(new ImageDataset(pixels(), new Uint8Array(1000)), { batchSize: 64, dropLast });
const batches = () => Array.from(loader(), ({ x }) => ({ bytes: x.data.byteLength, images: x.shape[0] }));

export const { checks, solution } = asked({
  kept: ["the pixels as they are kept", () => pixels().byteLength],
  batch: ["the pixels of one batch", () => batches()[0].bytes],
  batches: ["batches in a pass", () => loader().length],
  dropped: ["batches in a pass with dropLast", () => loader(true).length],
  last: ["images in the last batch", () => batches().at(-1)?.images ?? 0],
});
