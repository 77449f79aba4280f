import { LIGHT, splitElements } from "../00-runtime/split.ts";

export const sgdPlain = splitElements(2, LIGHT);
export const sgd = splitElements(3, LIGHT);
