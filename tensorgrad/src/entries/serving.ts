/** `tensorgrad/serving`: models behind HTTP. Needs Node. */

export * from "../21-serving/ab-test/index.ts";
export * from "../21-serving/dashboard/index.ts";
export * from "../21-serving/index.ts";
export * from "../21-serving/monitor/index.ts";
export * from "../21-serving/registry/index.ts";
