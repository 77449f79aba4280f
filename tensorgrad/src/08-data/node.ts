/** The part of module 08 that needs Node: data sets in files. */
export { CIFAR10, type CIFAR10Options, parseCifar } from "./cifar10.ts";
export { type Digits, type DigitsOptions, loadDigits } from "./digits.ts";
export type { DownloadProgress } from "./download.ts";
export { type DownloadDisplay, type DownloadDisplayOptions, downloadDisplay } from "./download-display.ts";
export { FileImages, type FileImagesOptions } from "./file-images.ts";
export { MNIST, type MNISTOptions, type Split } from "./mnist.ts";
export { StorageError } from "./partial.ts";
export { RecordFile } from "./record-file.ts";
export { TinyShakespeare, type TinyShakespeareOptions } from "./shakespeare.ts";
export type { FindOptions } from "./source.ts";
