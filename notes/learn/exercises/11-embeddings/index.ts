import type { Exercise } from "../../exercise.ts";
import { embeddingBytes } from "./embedding-bytes.ts";
import { embeddingLookup } from "./embedding-lookup.ts";
import { positionsFindOffset } from "./positions-find-offset.ts";
import { readEmbeddings } from "./read-embeddings.ts";
import { rotaryTurn } from "./rotary-turn.ts";

/** Module 11, in the order in which to do them. */
export const exercises: readonly Exercise[] = [
  embeddingLookup,
  rotaryTurn,
  positionsFindOffset,
  embeddingBytes,
  readEmbeddings,
];
