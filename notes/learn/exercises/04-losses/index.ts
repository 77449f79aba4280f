import type { Exercise } from "../../exercise.ts";
import { exercise as crossEntropyBackward } from "./cross-entropy-backward.ts";
import { exercise as crossEntropy } from "./cross-entropy-loop.ts";
import { exercise as bce } from "./losses-bce-logits.ts";
import { exercise as huber } from "./losses-huber.ts";
import { exercise as memory } from "./losses-memory.ts";
import { exercise as read } from "./losses-read.ts";

/** The exercises of module 04, in their order. */
export const exercises: readonly Exercise[] = [huber, crossEntropy, crossEntropyBackward, bce, memory, read];
