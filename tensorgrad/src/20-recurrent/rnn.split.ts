import { HEAVY, LIGHT, splitElements } from "../00-runtime/split.ts";

export const rnnTanh = splitElements(2, HEAVY);
export const rnnRelu = splitElements(2, LIGHT);
export const rnnTanhGrad = splitElements(4, LIGHT);
export const rnnReluGrad = splitElements(4, LIGHT);
