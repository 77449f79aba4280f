/** `tensorgrad/train/node`: training on the command line. Node only. */
export { type Display, type DisplayOptions, progressDisplay } from "./07-training/node.ts";
