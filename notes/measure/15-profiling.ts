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
import { measureCeilings, profile } from "tensorgrad/profiling";
import { compared, report } from "../lib/measure.ts";

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

const STEPS = 10;

function measured({ step }: { step: () => void }) {
  const steps = () => {
    for (let i = 0; i < STEPS; i++) step();
  };
  const ms = compared({ off: steps, on: () => void profile(steps) }, { rounds: 7, warmUp: 2 });
  const found = profile(steps);
  return {
    found,
    offMs: ms.off / STEPS,
    onMs: ms.on / STEPS,
    wallMs: found.wallMs / STEPS,
    operationsMs: found.operationsMs / STEPS,
    explained: found.operationsMs / found.wallMs,
    explainedOfOff: found.operationsMs / ms.off,
  };
}

const ceilings = measureCeilings();
const results = Object.entries({ cnn: cnn(), gpt: gpt() }).map(([name, work]) => {
  const { found, ...numbers } = measured(work);
  if (process.argv.includes("--show")) {
    console.log(found.table({ limit: 40 }));
    console.log(found.bottlenecks(ceilings).join("\n"));
  }
  return [name, { ...numbers, bottlenecks: found.bottlenecks(ceilings) }];
});
report({ ceilings, ...Object.fromEntries(results) });
