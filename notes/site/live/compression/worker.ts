import { testDigits, trainedNetwork } from "../digits/files.ts";
import { startKernels } from "../lib/kernels.ts";
import { answerCalls } from "../lib/worker-calls.ts";
import { frontOf, measured } from "./compress.ts";
import type { CompressionWork } from "./work.ts";

startKernels();
answerCalls<CompressionWork>({
  measure: async (setting) => measured(await trainedNetwork(), await testDigits(), setting),
  front: ({ points, against }) => frontOf(points, against),
  async profile(run) {
    const { profiled } = await import("./profiled.ts"); // brings the plots of the library: only when it is asked for
    return profiled(await trainedNetwork(), await testDigits(), run);
  },
});
