import { LIGHT, splitElements } from "../00-runtime/split.ts";

export const scaleBy = splitElements(1, LIGHT);
export const clampTo = splitElements(1, LIGHT);
