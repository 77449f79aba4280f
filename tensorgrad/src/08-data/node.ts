/** The part of module 08 that needs Node: data sets in files. */

export type { DownloadProgress } from "./download/download.ts";
export {
  type DownloadDisplay,
  type DownloadDisplayOptions,
  downloadDisplay,
} from "./download/download-display.ts";
export { StorageError } from "./download/partial.ts";
export type { FindOptions } from "./download/source.ts";
export { ImageFolder, type ImageFolderOptions } from "./folders/image-folder.ts";
export { RecordFile } from "./readers/record-file.ts";
export { CIFAR10, type CIFAR10Options, parseCifar } from "./sets/cifar10.ts";
export { type Digits, type DigitsOptions, loadDigits } from "./sets/digits.ts";
export { FileImages, type FileImagesOptions } from "./sets/file-images.ts";
export { MNIST, type MNISTOptions, type Split } from "./sets/mnist.ts";
export { Names, type NamesOptions } from "./sets/names.ts";
export { TinyShakespeare, type TinyShakespeareOptions } from "./sets/shakespeare.ts";
export { CsvDataset, type CsvOptions, parseCsv, readCsv, streamCsv, type TableShape } from "./tables/csv.ts";
export type { Column } from "./tables/csv-columns.ts";
export { loadNpy, type NumpyNames } from "./tables/numpy.ts";
