/** `tensorgrad/train/node`: training on the command line. Node only. */
export * from "../../07-training/node.ts";
