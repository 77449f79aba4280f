/** `tensorgrad/serving`: models behind HTTP. Needs Node. */
export * from "../21-serving/index.ts";
