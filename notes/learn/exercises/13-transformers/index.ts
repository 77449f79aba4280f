import type { Exercise } from "../../exercise.ts";
import { gptParameters } from "./gpt-parameters.ts";
import { layerNormBackward } from "./layer-norm-backward.ts";
import { samplingTopP } from "./sampling-top-p.ts";
import { transformerBlock } from "./transformer-block.ts";
import { transformersReading } from "./transformers-reading.ts";

/** Module 13, in order. */
export const exercises: readonly Exercise[] = [
  layerNormBackward,
  transformerBlock,
  samplingTopP,
  gptParameters,
  transformersReading,
];
