import { LIGHT, splitElements } from "../../00-runtime/split.ts";

export const muonDirection = splitElements(3, LIGHT);
export const muonMove = splitElements(2, LIGHT);
