import { type Random, randn, type Tensor } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import type { AnyOptimizer, Objective } from "tensorgrad/onnx";
import { Adadelta, Adagrad, Adam, Adamax, AdamW, Muon, NAdam, RAdam, RMSprop, SGD } from "tensorgrad/optim";
import { mlp } from "../parity/models.ts";
import type { Named } from "../section.ts";

/** A training that both engines do from start to end. */
export interface TrainingCase extends Named {
  readonly dtype: "float32" | "float64";
  /** Largest difference of a parameter after 200 steps. */
  readonly tolerance: number;
  readonly make: (random: Random) => Record<"inputs" | "targets", Tensor> & {
    readonly model: nn.Module;
    readonly loss: Objective;
  };
  readonly optimizer: (parameters: readonly Tensor[]) => AnyOptimizer;
}

/** Four batches of 16, gone through in turn. */
const rows = 64;

const tanh = () => new nn.Tanh();

/** Points of 3 classes, by which of three random directions they lie along. */
const classification =
  (activation: () => nn.Layer): TrainingCase["make"] =>
  (random) => {
    const inputs = randn([rows, 8], { random });
    const targets = inputs.matmul(randn([8, 3], { random })).argmax(1);
    return { model: mlp(random, [8, 16, 3], activation), inputs, targets, loss: nn.crossEntropy };
  };

/** Σ sin x by a network: its activations make the curve. */
const regression: TrainingCase["make"] = (random) => {
  const inputs = randn([rows, 4], { random });
  const targets = inputs.sin().sum(1, { keepDim: true });
  return { model: mlp(random, [4, 16, 1], tanh), inputs, targets, loss: nn.mse };
};

/** Two layers that silence other elements at every step: the graph takes their masks as inputs. */
const silenced: TrainingCase["make"] = (random) => ({
  ...classification(tanh)(random),
  model: new nn.Sequential(
    new nn.Dropout(0.1, { random }),
    new nn.Linear(8, 32, { random }),
    new nn.ReLU(),
    new nn.Dropout(0.25, { random }),
    new nn.Linear(32, 3, { random }),
  ),
});

/** Which of two filters an image was drawn with: read by convolutions that pad, stride, dilate and see channels in groups. */
const seen: TrainingCase["make"] = (random) => {
  const targets = randn([rows], { random }).gt(0).to("int32");
  const filters = randn([2, 1, 3, 3], { random });
  const noise = randn([rows, 1, 8, 8], { random });
  const drawn = nn.conv2d(noise, filters, null, { padding: 1 });
  const inputs = drawn.gather(1, targets.reshape(rows, 1, 1, 1).expand(rows, 1, 8, 8));
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1, random }),
    new nn.Tanh(),
    new nn.Conv2d(4, 8, 3, { stride: 2, padding: 1, groups: 2, random }),
    new nn.Tanh(),
    new nn.ConvTranspose2d(8, 4, 2, { stride: 2, random }),
    new nn.Tanh(),
    new nn.Conv2d(4, 4, 3, { dilation: 2, groups: 4, random }),
    new nn.Flatten(),
    new nn.Linear(64, 2, { random }),
  );
  return { model, inputs, targets, loss: nn.crossEntropy };
};

/** The same images, read by what an image classifier is made of: norms over the batch, largest and mean of windows. */
const pooled: TrainingCase["make"] = (random) => {
  const { inputs, targets, loss } = seen(random);
  const model = new nn.Sequential(
    new nn.Conv2d(1, 6, 3, { padding: 1, bias: false, random }),
    new nn.BatchNorm2d(6),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Dropout2d(0.1, { random }),
    new nn.Conv2d(6, 8, 3, { padding: 1, random }),
    new nn.GroupNorm(2, 8),
    new nn.Tanh(),
    new nn.AvgPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32, 2, { random }),
  );
  return { model, inputs, targets, loss };
};

/**
 * Short sequences, and whether their first or their last token is the larger: an encoder, whose positions all
 * see each other. Without biases: softmax takes no notice of the keys', and their gradient is what rounding leaves. ONNX keeps
 * a norm's epsilon in float32: a power of two is the same there.
 */
const encoded: TrainingCase["make"] = (random) => {
  const inputs = randn([rows, 4, 8], { random });
  const sums = inputs.sum(2);
  const targets = sums.select(1, 0).gt(sums.select(1, 3)).to("int32");
  const model = new nn.Sequential(
    new nn.TransformerBlock(8, 2, { causal: false, mlpRatio: 2, bias: false, normEps: 2 ** -16, random }),
    new nn.Flatten(),
    new nn.Linear(32, 2, { random }),
  );
  return { model, inputs, targets, loss: nn.crossEntropy };
};

/** Matrices only. */
const withoutBias: TrainingCase["make"] = (random) => ({
  ...classification(tanh)(random),
  model: mlp(random, [8, 16, 3], tanh, false),
});

/** float32 rounds at 6e-8 and training carries that along; float64 rounds at 1e-16. */
const both = (
  name: string,
  make: TrainingCase["make"],
  optimizer: TrainingCase["optimizer"],
): TrainingCase[] => [
  { name: `${name}, float32`, dtype: "float32", tolerance: 1e-5, make, optimizer },
  { name: `${name}, float64`, dtype: "float64", tolerance: 1e-13, make, optimizer },
];

// biome-ignore format: a table, one training per row
export const trainingCases: readonly TrainingCase[] = [
  ...both("SGD, tanh MLP", classification(tanh), (p) => new SGD(p, { lr: 0.1 })),
  ...both("SGD with momentum, tanh MLP", classification(tanh), (p) => new SGD(p, { lr: 0.05, momentum: 0.9 })),
  ...both("SGD, Nesterov and weight decay, relu MLP", classification(() => new nn.ReLU()), (p) => new SGD(p, { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-3 })),
  ...both("SGD, dampened, regression", regression, (p) => new SGD(p, { lr: 0.05, momentum: 0.9, dampening: 0.5 })),
  ...both("Adam, silu MLP", classification(() => new nn.SiLU()), (p) => new Adam(p, { lr: 0.01, weightDecay: 1e-3 })),
  ...both("AdamW, tanh MLP", classification(tanh), (p) => new AdamW(p, { lr: 0.01, weightDecay: 0.1 })),
  ...both("SGD with momentum, MLP with dropout", silenced, (p) => new SGD(p, { lr: 0.05, momentum: 0.9 })),
  ...both("AdamW, MLP with dropout", silenced, (p) => new AdamW(p, { lr: 0.01, weightDecay: 0.01 })),
  ...both("SGD with momentum, convolutions", seen, (p) => new SGD(p, { lr: 0.05, momentum: 0.9 })),
  ...both("SGD with momentum, batch norm and pooling", pooled, (p) => new SGD(p, { lr: 0.02, momentum: 0.9 })),
  ...both("AdamW, transformer encoder", encoded, (p) => new AdamW(p, { lr: 0.005, weightDecay: 0.01 })),
  ...both("AdamW, regression", regression, (p) => new AdamW(p, { lr: 0.01 })),
  ...both("Adam with amsgrad, tanh MLP", classification(tanh), (p) => new Adam(p, { lr: 0.01, amsgrad: true, betas: [0.8, 0.9] })),
  ...both("RMSprop, tanh MLP", classification(tanh), (p) => new RMSprop(p, { lr: 0.01, eps: 1e-4, weightDecay: 1e-3 })),
  ...both("RMSprop, centered with momentum, tanh MLP", classification(tanh), (p) => new RMSprop(p, { lr: 0.005, eps: 1e-3, momentum: 0.9, centered: true })),
  ...both("Adagrad, tanh MLP", classification(tanh), (p) => new Adagrad(p, { lr: 0.2, lrDecay: 1e-3, initialAccumulator: 0.1 })),
  ...both("NAdam, tanh MLP", classification(tanh), (p) => new NAdam(p, { lr: 0.01, weightDecay: 1e-3 })),
  ...both("RAdam, tanh MLP", classification(tanh), (p) => new RAdam(p, { lr: 0.01, betas: [0.9, 0.95] })),
  ...both("Adamax, tanh MLP", classification(tanh), (p) => new Adamax(p, { lr: 0.01, weightDecay: 1e-3 })),
  ...both("Adadelta, tanh MLP", classification(tanh), (p) => new Adadelta(p, { eps: 1e-4 })),
  // In float32 its polynomial enlarges what rounding leaves of small singular values: engines drift apart, by 2e-5 in 200 steps.
  ...both("Muon, tanh MLP without biases", withoutBias, (p) => new Muon(p, { lr: 0.02, weightDecay: 0.01 })).filter(({ dtype }) => dtype === "float64"),
];
