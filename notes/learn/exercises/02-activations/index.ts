import type { Exercise } from "../../exercise.ts";
import { exercise as depth } from "./activations-depth.ts";
import { exercise as read } from "./activations-read.ts";
import { exercise as logSoftmax } from "./log-softmax-rows.ts";
import { exercise as softmaxBackward } from "./softmax-backward.ts";
import { exercise as softmax } from "./softmax-rows.ts";
import { exercise as softplus } from "./softplus-loop.ts";

/** The exercises of module 02, in their order. */
export const exercises: readonly Exercise[] = [softplus, softmax, softmaxBackward, logSoftmax, depth, read];
