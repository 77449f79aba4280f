import { splitPieces } from "../../00-runtime/split.ts";

export const depthwiseImages = splitPieces;
/** By images: what their outputs are spread over does not overlap. */
export const depthwiseTransposed = splitPieces;
export const depthwiseSums = splitPieces;
