import { Random, randn, scope, type Tensor, tensor } from "tensorgrad";
import { DataNotFoundError, SyntheticDigits } from "tensorgrad/data";
import { MNIST } from "tensorgrad/data/node";
import * as nn from "tensorgrad/nn";
import { AdamW } from "tensorgrad/optim";
import { measure, text } from "../report/cells.ts";
import type { Named, Section } from "../section.ts";
import { nodesOf } from "./nodes.ts";
import { type ParityReport, parity } from "./parity.ts";

/**
 * Whole models that `verify parity` exports and runs in ONNX Runtime: those of the milestones, trained, on the inputs they
 * were made for. Weights that learned are larger and less alike than those of an initialisation, and so are their outputs.
 */
export interface ModelCase extends Named {
  readonly make: () => ModelInputs | Promise<ModelInputs>;
}

export interface ModelInputs {
  readonly model: nn.Module;
  readonly inputs: Tensor;
  /** Largest difference of an output; logits of trained models are of the order of 10, where float32 steps by 1e-6. */
  readonly tolerance: number;
}

const TOLERANCE = 1e-5;

/** Linear layers of these widths, bent in between. */
export const mlp = (random: Random, widths: readonly number[], bend: () => nn.Layer, bias = true) =>
  new nn.Sequential(
    ...widths.slice(1).flatMap((width, i) => {
      const linear = new nn.Linear(widths[i], width, { random, bias });
      return i > 0 ? [bend(), linear] : [linear];
    }),
  );

export const modelCases: readonly ModelCase[] = [
  // Milestone 0
  {
    name: "XOR 2-8-1",
    make: () => {
      const random = new Random(2);
      const model = mlp(random, [2, 8, 1], () => new nn.Tanh());
      const corners = tensor([[0, 0], [0, 1], [1, 0], [1, 1]]); // biome-ignore format: a table
      train(model, 200, 0.05, () => nn.mse(model.forward(corners), tensor([[0], [1], [1], [0]])));
      return { model, inputs: randn([64, 2], { random }), tolerance: TOLERANCE };
    },
  },
  // Milestone 1
  {
    name: "Perceptron 784-10, digits",
    make: () => digitReader((random) => mlp(random, [784, 10], () => new nn.ReLU())),
  },
  // Milestone 2
  {
    name: "MLP 784-128-10, digits",
    make: () =>
      digitReader(
        (random) =>
          new nn.Sequential(
            new nn.Linear(784, 128, { random }),
            new nn.ReLU(),
            new nn.Dropout(0.2, { random }),
            new nn.Linear(128, 10, { random }),
          ),
      ),
  },
  {
    name: "every activation, 16-32-32-32-8",
    make: () => {
      const random = new Random(3);
      const model = new nn.Sequential(
        new nn.Linear(16, 32, { random }),
        new nn.GELU(),
        new nn.Linear(32, 32, { random }),
        new nn.SiLU(),
        new nn.Dropout(0.5, { random }),
        new nn.Linear(32, 32, { random, bias: false }),
        new nn.GELU({ approximate: "tanh" }),
        new nn.Linear(32, 8, { random }),
        new nn.Softmax(),
      );
      return { model, inputs: randn([64, 16], { random }), tolerance: TOLERANCE };
    },
  },
];

/** Trained on synthetic digits; looked at with MNIST's where they are at hand, else with more of its own. */
async function digitReader(make: (random: Random) => nn.Module): Promise<ModelInputs> {
  const random = new Random(1);
  const model = make(random);
  const drawn = new SyntheticDigits({ count: 512, random, shape: [784] });
  const { x, y } = drawn.batch(Array.from({ length: 256 }, (_, i) => i));
  train(model, 30, 0.003, () => nn.crossEntropy(model.forward(x), y));
  const real = await MNIST.load({ split: "test", shape: [784], download: false }).catch(orNone);
  const seen = real ?? drawn;
  const last = Array.from({ length: 256 }, (_, i) => seen.length - 1 - i);
  return { model, inputs: seen.batch(last).x, tolerance: TOLERANCE };
}

/** Absent data are no error here; damaged ones are. */
function orNone(error: unknown): null {
  if (error instanceof DataNotFoundError) return null;
  throw error;
}

/** Some steps on all rows at once: not to be good, but to have weights that learned. */
function train(model: nn.Module, steps: number, lr: number, loss: () => Tensor): void {
  const optimizer = new AdamW(model.parameters(), { lr });
  for (let i = 0; i < steps; i++) {
    using _step = scope();
    optimizer.zeroGrad();
    loss().backward();
    optimizer.step();
  }
}

/** A model in both engines, and on how many rows. */
export interface ModelParity extends ParityReport {
  readonly rows: number;
}

/**
 * Level 2: whole models. Three batch sizes, because an export that has the example's batch baked in agrees on exactly
 * that one. "Nearer to float64" settles whose rounding makes the difference. Where a model differs, the first node
 * whose result differs although its inputs agree is named: later nodes only inherit.
 */
export const models: Section<ModelParity, ModelCase> = {
  part: "parity",
  title: "Models in ONNX Runtime",
  about: "Whole models, exported and run on the same rows at several batch sizes.",
  items: () => modelCases,
  check: async ({ name, make }) => {
    const { model, inputs, tolerance } = await make();
    return { ...(await parity(model, inputs, { tolerance })), name, rows: inputs.shape[0] };
  },
  columns: {
    model: (m) => text(m.name),
    // For classifiers: on how many rows both engines would decide alike, which is what a user sees.
    "equal predictions": ({ equalPredictions: e }) => text(e ? `${e.equal}/${e.total}` : "–"),
    rows: (m) => text(m.rows),
    "max abs": (m) => measure(m.maxAbs, m.tolerance),
    allowed: (m) => measure(m.tolerance),
    "max rel": (m) => measure(m.maxRel),
    "max ULP": (m) => measure(m.maxUlp),
    "median ULP": (m) => measure(m.medianUlp),
    "nearer to float64": (m) => text(m.nearer),
    "batch sizes": (m) => text(m.batches.map(({ batch }) => batch).join(", ")),
    "first node that diverges": (m) => text(m.firstDivergence ?? "none"),
  },
  brief: ["model", "rows", "equal predictions", "max abs", "allowed"],
  wrong: ({ name, passed, maxAbs, firstDivergence }) =>
    passed
      ? null
      : `parity of ${name}: off by ${maxAbs}\nfirst node that diverges: ${firstDivergence ?? "none by itself"}`,
  counts: [{ key: "models", label: "models in ONNX Runtime" }],
  details: ({ name, nodes }) => nodesOf(name, nodes),
};
