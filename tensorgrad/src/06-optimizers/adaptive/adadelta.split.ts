import { HEAVY, splitElements } from "../../00-runtime/split.ts";

export const adadelta = splitElements(4, HEAVY);
