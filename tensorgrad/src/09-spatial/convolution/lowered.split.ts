import { splitPieces } from "../../00-runtime/split.ts";

export const loweredImages = splitPieces;
/** By images: what their outputs are spread over does not overlap. */
export const loweredTransposed = splitPieces;
export const loweredSums = splitPieces;
