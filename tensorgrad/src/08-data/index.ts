/** Module 08: data sets, and loaders that make batches of them. */
export { collate, DataNotFoundError, type Dataset, type Sample } from "./dataset.ts";
export { type LabelledBytes, type NamedBytes, parseIdx, parseLabelledImages } from "./idx.ts";
export { ImageDataset, type ImageOptions, LabelledImages } from "./images.ts";
export { DataLoader, type DataLoaderOptions } from "./loader.ts";
export type { ExampleRandom, LoaderState } from "./pass.ts";
export type { Recipe } from "./recipe.ts";
export { type RowOptions, TensorDataset } from "./rows.ts";
export {
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from "./sampler.ts";
export { SyntheticShapes } from "./shapes.ts";
export { type RandomSplitOptions, randomSplit, Subset } from "./subset.ts";
export { SyntheticDigits, type SyntheticOptions } from "./synthetic.ts";
export { type SyntheticTextOptions, syntheticText } from "./synthetic-text.ts";
export { Corpus, TextDataset, type TextDatasetOptions } from "./text.ts";
export { blobs, moons, spirals, type ToyClassesOptions, type ToyOptions, xor } from "./toy.ts";
export { type ApplyOptions, Transform } from "./transform.ts";
export {
  Compose,
  Normalize,
  type NormalizeOptions,
  RandomCrop,
  type RandomCropOptions,
  RandomHorizontalFlip,
} from "./transforms.ts";
