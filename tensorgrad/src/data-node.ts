/** `tensorgrad/data/node`: data sets in files. Node only. */
export {
  type Digits,
  type DigitsOptions,
  loadDigits,
  MNIST,
  type MNISTOptions,
  type Split,
} from "./08-data/node.ts";
