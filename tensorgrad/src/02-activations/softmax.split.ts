import { HEAVY, LIGHT, splitRows } from "../00-runtime/split.ts";

export const softmax = splitRows(2, HEAVY);
export const logSoftmax = splitRows(2, HEAVY);
export const softmaxGrad = splitRows(3, LIGHT);
export const logSoftmaxGrad = splitRows(3, HEAVY);
