import { startKernels } from "../lib/kernels.ts";
import { answerCalls } from "../lib/worker-calls.ts";
import { judgeAll, look } from "./look.ts";
import type { CheckWork } from "./work.ts";

startKernels();
answerCalls<CheckWork>({
  look: ({ subject, x, bug }) => look(subject, x, bug),
  judge: ({ subject }) => judgeAll(subject),
});
