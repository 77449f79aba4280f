/** `tensorgrad/agreement`: the table that holds both implementations of every kernel together. */
export * from "../agreement/index.ts";
