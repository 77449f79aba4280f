import { type Random, rand, randint, randn, type Tensor } from "tensorgrad";
import {
  BCELoss,
  BCEWithLogitsLoss,
  decomposedCrossEntropy,
  ELU,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  type Layer,
  LeakyReLU,
  Linear,
  LogSoftmax,
  NLLLoss,
  Residual,
  Sequential,
  Sigmoid,
  Softplus,
  softmax,
} from "tensorgrad/nn";
import type { Objective } from "tensorgrad/onnx";
import type { GradientCase } from "./gradients-cases.ts";

const [rows, classes] = [12, 4];
type Draw = (random: Random) => Tensor;

const numbers: Draw = (random) => randn([rows, classes], { random });
const answers: Draw = (random) => randint(0, 2, [rows, classes], { random }).to("float32");
const shares: Draw = (random) => rand([rows, classes], { random });
const distributions: Draw = (random) => softmax(numbers(random));
const labels: Draw = (random) => randint(0, classes, [rows], { random });
const weight: Draw = (random) => rand([classes], { random }).add(0.5);

/** A residual block with a bend, a linear layer, and what leads to the loss's domain. */
function trained(
  name: string,
  bend: Layer,
  tail: readonly Layer[],
  loss: (random: Random) => Objective,
  targets: Draw,
): GradientCase {
  return {
    name,
    make: (random) => ({
      model: new Sequential(
        new Residual(new Linear(6, 6, { random }), bend),
        new Linear(6, classes, { random }),
        ...tail,
      ),
      inputs: [randn([rows, 6], { random })],
      loss: loss(random),
      targets: [targets(random)],
    }),
  };
}

/** Every loss behind a model, its backward pass as a graph of its own. */
// biome-ignore format: a table, one loss per row
export const lossGradientCases: readonly GradientCase[] = [
  trained("leaky relu, l1", new LeakyReLU(), [], () => new L1Loss(), numbers),
  trained("elu, huber", new ELU({ alpha: 0.5 }), [], () => new HuberLoss({ delta: 0.5 }), numbers),
  trained("softplus, bce", new Softplus({ beta: 2 }), [new Sigmoid()], () => new BCELoss(), shares),
  trained("softplus, bce with logits", new Softplus(), [], () => new BCEWithLogitsLoss(), answers),
  trained("elu, bce with logits and posWeight", new ELU(), [], (random) => new BCEWithLogitsLoss({ posWeight: weight(random), reduction: "sum" }), answers),
  trained("leaky relu, KL divergence", new LeakyReLU(), [new LogSoftmax()], () => new KLDivLoss({ reduction: "batchmean" }), distributions),
  trained("leaky relu, KL divergence of logarithms", new LeakyReLU(), [new LogSoftmax()], () => new KLDivLoss({ logTarget: true }), (random) => distributions(random).log()),
  trained("elu, log-softmax and nll", new ELU(), [new LogSoftmax()], () => new NLLLoss(), labels),
  trained("elu, cross-entropy in three steps", new ELU(), [], () => decomposedCrossEntropy, labels),
];
