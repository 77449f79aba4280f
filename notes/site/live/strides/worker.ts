import { startKernels } from "../lib/kernels.ts";
import { answerCalls } from "../lib/worker-calls.ts";
import { broadcast, product, seeViews } from "./tensors.ts";
import type { StridesWork } from "./work.ts";

startKernels();
answerCalls<StridesWork>({
  views: seeViews,
  broadcast: ({ a, b, seed }) => broadcast(a, b, seed),
  product: ({ seed }) => product(seed),
});
