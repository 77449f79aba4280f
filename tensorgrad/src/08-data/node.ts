/** The part of module 08 that needs Node: data sets in files. */
export { type Digits, type DigitsOptions, loadDigits } from "./digits.ts";
export { MNIST, type MNISTOptions, type Split } from "./mnist.ts";
