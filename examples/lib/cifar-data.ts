import { Random } from "tensorgrad";
import {
  AlternatingFlip,
  Compose,
  Cutout,
  DataNotFoundError,
  type Dataset,
  type ImageDataset,
  RandomCrop,
  Subset,
  SyntheticShapes,
} from "tensorgrad/data";
import { CIFAR10 } from "tensorgrad/data/node";

/** How training images are varied, besides being mirrored in every other epoch. */
export interface Augmentation {
  /** By how many pixels an image moves at most; its edge is filled by reflection. */
  readonly shift: number;
  /** The side of the square that is covered, or 0. */
  readonly cutout: number;
}

/** Photographs, or shapes where there are none. */
export interface Pictures {
  readonly name: "cifar10" | "synthetic";
  readonly classes: readonly string[];
  /** All training images, augmented. */
  readonly train: (augmentation: Augmentation) => Dataset;
  /** The training images in two parts: for choices, which the test images must not decide. */
  readonly held: (augmentation: Augmentation) => { readonly train: Subset; readonly validation: Subset };
  readonly test: ImageDataset;
}

/** How many training images choices are made on. */
const HELD_BACK = 5000;

const transformOf = ({ shift, cutout }: Augmentation, seed: number): Compose =>
  new Compose([
    new RandomCrop(32, { padding: shift, paddingMode: "reflect" }),
    new AlternatingFlip({ seed }),
    ...(cutout > 0 ? [new Cutout(cutout)] : []),
  ]);

/** CIFAR-10 from `TENSORGRAD_DATA` or the cache, else synthetic shapes at once; a part of them in a quick run. */
export async function pictures(seed: number, quick: boolean): Promise<Pictures> {
  const { name, classes, train, test } = await load(seed, quick);
  const shown = quick ? train.take(4000) : train;
  const order = new Random(seed).permutation(shown.length);
  const held = Math.floor((shown.length * HELD_BACK) / 50_000);
  const augmented = (augmentation: Augmentation) =>
    shown.with({ transform: transformOf(augmentation, seed) });
  return {
    name,
    classes,
    train: augmented,
    held: (augmentation) => ({
      train: new Subset(augmented(augmentation), order.subarray(held)),
      validation: new Subset(shown, order.subarray(0, held)),
    }),
    test: quick ? test.take(1000) : test,
  };
}

async function load(seed: number, quick: boolean) {
  try {
    const { statistics, classes } = CIFAR10;
    const train = await CIFAR10.load({ ...statistics, split: "train", download: false });
    const test = await CIFAR10.load({ ...statistics, split: "test", download: false });
    return { name: "cifar10" as const, classes, train, test };
  } catch (error) {
    if (!(error instanceof DataNotFoundError)) throw error;
    console.log(`${error.message}. Synthetic shapes stand in.`);
    const random = new Random(seed);
    const options = { mean: 0.5, std: 0.25, random };
    const [train, test] = (quick ? [4000, 1000] : [10_000, 2000]).map(
      (count) => new SyntheticShapes({ ...options, count }),
    );
    return { name: "synthetic" as const, classes: SyntheticShapes.classes, train, test };
  }
}
