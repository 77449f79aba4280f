import type { Exercise } from "../../exercise.ts";
import { bpeApply } from "./bpe-apply.ts";
import { bpeMendCounts } from "./bpe-mend-counts.ts";
import { decodeFindHalves } from "./decode-find-halves.ts";
import { readTokenization } from "./read-tokenization.ts";
import { tokenCounts } from "./token-counts.ts";

/** Module 10, in the order in which to do them. */
export const exercises: readonly Exercise[] = [
  bpeApply,
  bpeMendCounts,
  decodeFindHalves,
  tokenCounts,
  readTokenization,
];
