import { startKernels } from "../lib/kernels.ts";
import { answerCalls } from "../lib/worker-calls.ts";
import { type Engine, pointsOf, ScalarEngine, type StepReport, TensorEngine } from "./engines.ts";
import { type BoundaryWork, GRID } from "./work.ts";

startKernels();

let engines: { readonly scalar: Engine; readonly tensor: Engine } | null = null;
let done = 0;

answerCalls<BoundaryWork>({
  start({ points: asked, settings }) {
    const points = "shape" in asked ? pointsOf(asked.shape, asked.seed) : asked;
    engines = { scalar: new ScalarEngine(points, settings), tensor: new TensorEngine(points, settings) };
    done = 0;
    return { points, grid: engines.tensor.grid(GRID) };
  },

  run({ steps, ms }) {
    if (!engines) throw new Error("there are no points yet");
    const { scalar, tensor } = engines;
    const end = performance.now() + ms;
    let [last, count] = [{ scalar: timed(scalar), tensor: timed(tensor) }, 1];
    for (; count < steps && performance.now() < end; count++)
      last = { scalar: timed(scalar), tensor: timed(tensor) };
    done += count;
    const others = tensor.parameters();
    const apart = Math.max(...scalar.parameters().map((p, i) => Math.abs(p - others[i])));
    return { ...last, step: done, apart, grid: tensor.grid(GRID) };
  },
});

function timed(engine: Engine): StepReport & { ms: number } {
  const start = performance.now();
  return { ...engine.step(), ms: performance.now() - start };
}
