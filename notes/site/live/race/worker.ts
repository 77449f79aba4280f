import { startKernels } from "../lib/kernels.ts";
import { answerCalls } from "../lib/worker-calls.ts";
import type { RaceWork } from "./names.ts";
import { heights, race } from "./race.ts";

startKernels();
answerCalls<RaceWork>({ race, heights: ({ surface, n }) => heights(surface, n) });
