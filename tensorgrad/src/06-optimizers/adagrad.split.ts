import { HEAVY, splitElements } from "../00-runtime/split.ts";

export const adagrad = splitElements(3, HEAVY);
