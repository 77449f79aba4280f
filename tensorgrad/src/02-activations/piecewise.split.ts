import { HEAVY, LIGHT, splitElements } from "../00-runtime/split.ts";

export const leakyRelu = splitElements(2, LIGHT);
export const leakyReluGrad = splitElements(3, LIGHT);
export const elu = splitElements(2, HEAVY);
export const eluGrad = splitElements(3, HEAVY);
export const softplus = splitElements(2, HEAVY);
export const softplusGrad = splitElements(3, HEAVY);
export const reluSquared = splitElements(2, LIGHT);
export const reluSquaredGrad = splitElements(3, LIGHT);
