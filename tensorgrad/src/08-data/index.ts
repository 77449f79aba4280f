/** Module 08: data sets, and loaders that make batches of them. */
export { collate, DataNotFoundError, type Dataset, type Sample } from "./dataset.ts";
export { DataLoader, type DataLoaderOptions } from "./loading/loader.ts";
export type { ExampleRandom, LoaderState } from "./loading/pass.ts";
export type { Recipe } from "./loading/recipe.ts";
export {
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from "./loading/sampler.ts";
export { type RandomSplitOptions, randomSplit, Subset } from "./loading/subset.ts";
export { type LabelledBytes, type NamedBytes, parseIdx, parseLabelledImages } from "./readers/idx.ts";
export { Alphabet, type EncodeCharacters } from "./sets/alphabet.ts";
export { Corpus } from "./sets/corpus.ts";
export { ImageDataset, type ImageOptions, LabelledImages } from "./sets/images.ts";
export { type RowOptions, TensorDataset } from "./sets/rows.ts";
export { SyntheticShapes } from "./sets/shapes.ts";
export { SyntheticDigits, type SyntheticOptions } from "./sets/synthetic.ts";
export { type SyntheticTextOptions, syntheticText } from "./sets/synthetic-text.ts";
export { TextDataset, type TextDatasetOptions } from "./sets/text.ts";
export { EvaluationWindows, type EvaluationWindowsOptions } from "./sets/text-evaluation.ts";
export { ChunkSampler } from "./sets/text-sampler.ts";
export { blobs, moons, spirals, type ToyClassesOptions, type ToyOptions, xor } from "./sets/toy.ts";
export { type SyntheticNamesOptions, syntheticNames, WordList } from "./sets/word-list.ts";
export { AlternatingFlip, type AlternatingFlipOptions } from "./transforms/alternating-flip.ts";
export { Cutout } from "./transforms/cutout.ts";
export { RandomCrop, type RandomCropOptions } from "./transforms/random-crop.ts";
export { type ApplyOptions, type Place, Transform } from "./transforms/transform.ts";
export {
  Compose,
  Normalize,
  type NormalizeOptions,
  RandomHorizontalFlip,
} from "./transforms/transforms.ts";
