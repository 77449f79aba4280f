/** `tensorgrad/data/node`: data sets in files. Node only. */
export {
  CIFAR10,
  type CIFAR10Options,
  type Digits,
  type DigitsOptions,
  FileImages,
  type FileImagesOptions,
  type FindOptions,
  loadDigits,
  MNIST,
  type MNISTOptions,
  type Progress,
  parseCifar,
  RecordFile,
  type Split,
  StorageError,
} from "./08-data/node.ts";
