import { HEAVY, splitElements } from "../../00-runtime/split.ts";

export const adamax = splitElements(4, HEAVY);
