import type { Exercise } from "../../exercise.ts";
import { fakeQuantizeInside } from "./fake-quantize-inside.ts";
import { quantizationBytes } from "./quantization-bytes.ts";
import { quantizationReading } from "./quantization-reading.ts";
import { quantizeRescale } from "./quantize-rescale.ts";
import { quantizeSteps } from "./quantize-steps.ts";

/** Module 17, in order. */
export const exercises: readonly Exercise[] = [
  quantizeSteps,
  quantizeRescale,
  fakeQuantizeInside,
  quantizationBytes,
  quantizationReading,
];
