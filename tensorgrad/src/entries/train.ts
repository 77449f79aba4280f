/** `tensorgrad/train`: the trainer and its metrics. Runs in Node and in browsers. */
export * from "../07-training/index.ts";
