import { HEAVY, splitElements } from "../../00-runtime/split.ts";

export const moments = splitElements(4, HEAVY);
