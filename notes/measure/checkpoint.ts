import { checkpoint, heap, manualSeed, randn, scope, type Tensor } from "tensorgrad";
import { GELU, Linear, Sequential } from "tensorgrad/nn";
import { median } from "tensorgrad/runtime";

/**
 * What activation checkpointing costs and saves: one training step's forward and backward through 16 layers of
 * Linear(256 → 256) and GELU, batch 512, as a whole and in segments of four layers. Prints one JSON object.
 */
const [LAYERS, WIDTH, BATCH, SEGMENT, ROUNDS] = [16, 256, 512, 4, 15];

manualSeed(1);
const layers = Array.from({ length: LAYERS }, () => new Sequential(new Linear(WIDTH, WIDTH), new GELU()));
const x = randn([BATCH, WIDTH]);
const run = (h: Tensor, from: number, to: number): Tensor =>
  layers.slice(from, to).reduce((y, layer) => layer.forward(y), h);

const whole = (): Tensor => run(x, 0, LAYERS);
function inSegments(): Tensor {
  let h: Tensor = x;
  for (let i = 0; i < LAYERS; i += SEGMENT) h = checkpoint((input) => run(input, i, i + SEGMENT), h);
  return h;
}

function step(forward: () => Tensor): { peakBytes: number; ms: number } {
  using _ = scope();
  heap.resetPeak();
  const [live, start] = [heap.live, performance.now()];
  forward().square().mean().backward();
  for (const layer of layers) layer.zeroGrad();
  return { peakBytes: heap.peak - live, ms: performance.now() - start };
}

const rounds = Array.from({ length: ROUNDS }, () => ({ whole: step(whole), segments: step(inSegments) }));
const [plain, checkpointed] = [rounds.map((r) => r.whole), rounds.map((r) => r.segments)];
const summary = (steps: typeof plain) => ({
  peakMB: steps[1].peakBytes / 2 ** 20,
  ms: median(steps.map(({ ms }) => ms)),
});
const result = {
  layers: LAYERS,
  segment: SEGMENT,
  rounds: ROUNDS,
  whole: summary(plain),
  segments: summary(checkpointed),
};
console.log(
  JSON.stringify({
    ...result,
    memoryRatio: result.segments.peakMB / result.whole.peakMB,
    timeRatio: result.segments.ms / result.whole.ms,
  }),
);
