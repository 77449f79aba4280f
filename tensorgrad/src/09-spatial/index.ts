/** Module 09: layers that know that an image has height and width. */

export {
  Conv1d,
  Conv2d,
  type Conv2dOptions,
  ConvTranspose2d,
  type ConvTranspose2dOptions,
  type PaddingMode,
} from "./conv-layers.ts";
export { convTranspose2d } from "./conv-transpose2d.ts";
export { conv1d } from "./conv1d.ts";
export { conv2d } from "./conv2d.ts";
