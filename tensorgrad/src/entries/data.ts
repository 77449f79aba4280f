/** `tensorgrad/data`: data sets and loaders. Runs in Node and in browsers. */
export * from "../08-data/index.ts";
