import type { Exercise } from "../../exercise.ts";
import { attentionBytes } from "./attention-bytes.ts";
import { attentionGradients } from "./attention-gradients.ts";
import { attentionWeights } from "./attention-weights.ts";
import { maskFindLeak } from "./mask-find-leak.ts";
import { readAttention } from "./read-attention.ts";

/** Module 12, in the order in which to do them. */
export const exercises: readonly Exercise[] = [
  attentionWeights,
  attentionGradients,
  maskFindLeak,
  attentionBytes,
  readAttention,
];
