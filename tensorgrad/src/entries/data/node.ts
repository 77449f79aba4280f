/** `tensorgrad/data/node`: data sets in files. Node only. */
export * from "../../08-data/node.ts";
