import { HEAVY, splitElements } from "../00-runtime/split.ts";

export const adam = splitElements(4, HEAVY);
export const amsgrad = splitElements(5, HEAVY);
