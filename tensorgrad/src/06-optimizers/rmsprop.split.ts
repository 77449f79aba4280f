import { HEAVY, splitElements } from "../00-runtime/split.ts";

export const rmsprop = splitElements(5, HEAVY);
