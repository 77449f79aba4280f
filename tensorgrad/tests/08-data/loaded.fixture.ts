import { afterEach } from "vitest";
import { Random } from "../../src/00-runtime/index.ts";
import type { Batch } from "../../src/07-training/index.ts";
import type { Dataset } from "../../src/08-data/dataset.ts";
import { DataLoader, type DataLoaderOptions } from "../../src/08-data/loading/loader.ts";
import { ImageDataset } from "../../src/08-data/sets/images.ts";
import { AlternatingFlip } from "../../src/08-data/transforms/alternating-flip.ts";
import { Cutout } from "../../src/08-data/transforms/cutout.ts";
import { RandomCrop } from "../../src/08-data/transforms/random-crop.ts";
import { Compose, Normalize, RandomHorizontalFlip } from "../../src/08-data/transforms/transforms.ts";
import { Invert } from "./loader-workers.fixture.ts";

// What tests of loaders with workers share; data sets that workers make themselves are in loader-workers.fixture.ts.

const loaders: DataLoader[] = [];
/** A loader with two workers, which end with the test. */
export function load(dataset: Dataset, options: DataLoaderOptions = {}): DataLoader {
  const loader = new DataLoader(dataset, { batchSize: 4, workers: 2, random: new Random(3), ...options });
  loaders.push(loader);
  return loader;
}
afterEach(async () => {
  await Promise.all(loaders.splice(0).map((loader) => loader.close()));
});

/** A batch as text: equal texts are equal batches. */
export const show = ({ x, y }: Batch): string =>
  `${x.dtype}[${x.shape}] ${Array.from(x.data)} → ${y.dtype} ${Array.from(y.data)}`;

/** All batches of one pass. */
export async function pass(loader: DataLoader): Promise<string[]> {
  const seen: string[] = [];
  for await (const batch of loader) seen.push(show(batch));
  return seen;
}

const augment = new Compose([
  new RandomCrop(5, { padding: 1 }),
  new RandomHorizontalFlip(),
  new AlternatingFlip(),
  new Cutout(2),
  new Invert(),
  new Normalize({ mean: [0.1, 0.2, 0.3], std: 0.5 }),
]);
/** 23 pictures with random crops and flips. */
export const pictures = new ImageDataset(
  Uint8Array.from({ length: 23 * 108 }, (_, i) => (i * 31) % 256),
  Uint8Array.from({ length: 23 }, (_, i) => i),
  { shape: [3, 6, 6], transform: augment },
);
