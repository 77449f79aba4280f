import { testDigits, trainedNetwork } from "../digits/files.ts";
import { startKernels } from "../lib/kernels.ts";
import { answerCalls } from "../lib/worker-calls.ts";
import { learned, read, walk } from "./tensors.ts";
import type { ConvolutionWork } from "./work.ts";

startKernels();
answerCalls<ConvolutionWork>({
  walk,
  learned: async () => learned(await trainedNetwork()),
  read: async (pixels) => read(await trainedNetwork(), pixels),
  async digit(i) {
    const digits = await testDigits();
    return { pixels: Float32Array.from(digits.pixels(i), (byte) => byte / 255), label: digits.label(i) };
  },
});
