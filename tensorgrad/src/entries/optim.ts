/** Optimizers: how gradients change parameters. */
export * from "../06-optimizers/index.ts";
