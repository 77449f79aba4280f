import { Random, randint, randn, scope, type Tensor } from "tensorgrad";
import {
  Conv2d,
  crossEntropy,
  Flatten,
  GPT,
  type Layer,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
} from "tensorgrad/nn";
import { AdamW, SGD } from "tensorgrad/optim";
import { countFlops, measureCeilings, measureMemory, type Profile, profile } from "tensorgrad/profiling";
import { median } from "tensorgrad/runtime";
import { observer } from "../../tensorgrad/src/00-runtime/observer.ts";
import { compared, milliseconds, report } from "../lib/measure.ts";

/** Note 15: how much of a step's wall time the profile explains, what profiling costs, and where the time goes. */

const random = new Random(1);

function cnn(): { model: Module; step: () => void } {
  const widths = [3, 32, 64, 128];
  const block = (i: number): Layer[] => [
    new Conv2d(widths[i], widths[i + 1], 3, { padding: 1, random }),
    new MaxPool2d(2),
    new ReLU(),
  ];
  const model = new Sequential(...[0, 1, 2].flatMap(block), new Flatten(), new Linear(2048, 10, { random }));
  const optimizer = new SGD(model.parameters(), { lr: 1e-3, momentum: 0.9 });
  const x = randn([64, 3, 32, 32], { random });
  return {
    model,
    step: stepOf(model, optimizer, () => crossEntropy(model.forward(x), randint(0, 10, [64], { random }))),
  };
}

function gpt(): { model: Module; step: () => void } {
  const sizes = { vocabSize: 65, embedDim: 128, numLayers: 4, numHeads: 4, maxSeqLen: 64 };
  const model = new GPT({ ...sizes, activation: "geluTanh", random });
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  const ids = () => randint(0, 65, [12, 64], { random });
  return {
    model,
    step: stepOf(model, optimizer, () => crossEntropy(model.forward(ids()).flatten(0, 1), ids().flatten())),
  };
}

const stepOf = (model: Module, optimizer: { step(): void }, lossOf: () => Tensor) => (): void => {
  using _ = scope();
  model.zeroGrad();
  lossOf().backward();
  optimizer.step();
};

const STEPS = 5;

function measured({ step }: { step: () => void }) {
  const steps = () => {
    for (let i = 0; i < STEPS; i++) step();
  };
  const ms = compared({ off: steps, on: () => void profile(steps) }, { rounds: 7, warmUp: 1 });
  const found = profile(steps);
  // Of steps one by one: on a busy machine, a wait for the processor counts for whoever was interrupted.
  const shares = Array.from({ length: STEPS }, () => profile(step)).map(
    ({ operationsMs, wallMs }) => operationsMs / wallMs,
  );
  return {
    found,
    offMs: ms.off / STEPS,
    onMs: ms.on / STEPS,
    wallMs: found.wallMs / STEPS,
    operationsMs: found.operationsMs / STEPS,
    explained: median(shares),
    off: offCost(spansOf(found) / STEPS, ms.off / STEPS),
  };
}

/**
 * What the profiler costs while it is off: one comparison with null for every activity. So many of them, against a step; a step with
 * and one without them could not be told apart.
 */
function offCost(activities: number, offMs: number) {
  let seen = 0;
  const looks = 1_000_000;
  const look = () => {
    for (let i = 0; i < looks; i++) if (observer !== null) seen++;
  };
  const nanoseconds = (1e6 * milliseconds(look, { rounds: 11 })) / looks;
  return {
    activities,
    nanosecondsPerLook: nanoseconds,
    ratio: 1 - (activities * nanoseconds) / (1e6 * offMs),
    seen,
  };
}

const spansOf = (found: Profile): number =>
  (JSON.parse(found.trace()) as { traceEvents: { ph: string }[] }).traceEvents.filter(({ ph }) => ph === "X")
    .length;

/** Of the convolutional network, layer by layer: flops, multiply-adds and time beside each other, for one forward pass. */
function layersOf(model: Module, found: Profile) {
  const time = new Map<string, number>();
  for (const { phase, path, ms } of found.rows)
    if (phase === "forward") time.set(path, (time.get(path) ?? 0) + ms / STEPS);
  return countFlops(model, [64, 3, 32, 32]).layers.flatMap(
    ({ path, layer, flops, multiplyAdds, bytesRead, bytesWritten }) => {
      const ms = time.get(path);
      if (path === "" || ms === undefined) return []; // computed together with the layer before
      return [
        {
          path,
          layer,
          flops,
          multiplyAdds,
          ms,
          gflops: flops / ms / 1e6,
          intensity: flops / (bytesRead + bytesWritten),
        },
      ];
    },
  );
}

const pointsOf = ({ rows, wallMs }: Profile) =>
  rows
    .filter(({ flops, ms }) => flops > 0 && ms > 0.01 * wallMs)
    .map(({ path, operation, phase, flops, bytesRead, bytesWritten, ms }) => ({
      name: `${path} ${operation}${phase === "backward" ? " backward" : ""}`.trim(),
      ...{ intensity: flops / (bytesRead + bytesWritten), rate: flops / ms / 1e6, share: ms / wallMs },
    }));

const ceilings = measureCeilings();
const shapes = { cnn: [64, 3, 32, 32], gpt: [12, 64] };
const works = { cnn: cnn(), gpt: gpt() };
const results = (["cnn", "gpt"] as const).map((name) => {
  const { found, ...numbers } = measured(works[name]);
  if (process.argv.includes("--show")) {
    console.log(found.table({ limit: 40 }));
    console.log(found.bottlenecks(ceilings).join("\n"));
  }
  const memory = measureMemory(works[name].model, shapes[name]);
  const layers = name === "cnn" ? layersOf(works.cnn.model, found) : [];
  return [
    name,
    { ...numbers, layers, memory, points: pointsOf(found), bottlenecks: found.bottlenecks(ceilings) },
  ];
});
report({
  ceilings,
  gbPerSecond: ceilings.bytesPerSecond / 1e9,
  gflops: ceilings.flopsPerSecond / 1e9,
  ...Object.fromEntries(results),
});
