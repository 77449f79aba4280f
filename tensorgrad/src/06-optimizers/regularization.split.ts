import { LIGHT, splitElements } from "../00-runtime/split.ts";

export const addPenalty = splitElements(2, LIGHT);
