import { MLP as ScalarMLP, seeded, type Value, v } from "micrograd";
import { noGrad, Random, scope, type Tensor, tensor } from "tensorgrad";
import { blobs, moons, spirals, xor } from "tensorgrad/data";
import { bceWithLogits, Linear, Sequential, Tanh } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { EDGE, type Points, type Shape } from "./points.ts";

/** One network, taught by both engines from the same numbers: a step of either can be compared with that of the other. */

export interface Settings {
  /** Neurons in each of the two hidden layers. */
  readonly width: number;
  readonly lr: number;
  readonly momentum: number;
  readonly seed: number;
}

/** What one step of gradient descent on all points did. */
export interface StepReport {
  readonly loss: number;
  /** Share of points on the right side. */
  readonly accuracy: number;
  /** Objects that one step makes: nodes of the graph. */
  readonly nodes: number;
}

export interface Engine {
  step(): StepReport;
  /** Parameters in one order for both: layer by layer, weights of a neuron by neuron, then biases. */
  parameters(): number[];
  /** Scores on a grid of `n × n` places, row by row from the top left; above 0 means class 1. */
  grid(n: number): Float32Array;
}

const COUNT = 100;

/** The library's toy data. */
export function pointsOf(shape: Exclude<Shape, "own">, seed: number): Points {
  using _ = scope();
  const options = { count: COUNT, random: new Random(seed) };
  const sets = {
    xor: () => xor(),
    moons: () => moons(options),
    spirals: () => spirals({ ...options, noise: 0.015 }),
    blobs: () => blobs({ ...options, noise: 0.35 }),
  };
  const { x, y } = sets[shape]();
  const numbers = [...x.data];
  const labels = [...y.data].map((label) => (label > 0 ? 1 : 0));
  return { x: labels.map((_, i) => [numbers[2 * i], numbers[2 * i + 1]] as const), y: labels };
}

/** The weights that both begin with: micrograd's own. */
const scalarModel = ({ width, seed }: Settings): ScalarMLP =>
  new ScalarMLP(2, [width, width, 1], { random: seeded(seed) });

export class ScalarEngine implements Engine {
  readonly #model: ScalarMLP;
  readonly #points: Points;
  readonly #settings: Settings;
  readonly #velocity: number[];

  constructor(points: Points, settings: Settings) {
    this.#model = scalarModel(settings);
    this.#points = points;
    this.#settings = settings;
    this.#velocity = this.#model.parameters().map(() => 0);
  }

  step(): StepReport {
    const { x, y } = this.#points;
    const scores = x.map((point) => this.#model.forward(point)[0] as Value);
    const loss = scores.reduce((sum, score, i) => sum.add(surprise(score, y[i])), v(0)).div(x.length);
    this.#model.zeroGrad();
    loss.backward();
    for (const [i, p] of this.#model.parameters().entries()) {
      this.#velocity[i] = this.#settings.momentum * this.#velocity[i] + p.grad;
      p.data -= this.#settings.lr * this.#velocity[i];
    }
    return {
      loss: loss.data,
      accuracy: accuracyOf(
        scores.map(({ data }) => data),
        y,
      ),
      nodes: sizeOf(loss),
    };
  }

  parameters(): number[] {
    return this.#model.layers.flatMap(({ neurons }) => [
      ...neurons.flatMap(({ weights }) => weights.map(({ data }) => data)),
      ...neurons.map(({ bias }) => bias.data),
    ]);
  }

  grid(n: number): Float32Array {
    return Float32Array.from(places(n), (place) => (this.#model.forward(place)[0] as Value).data);
  }
}

/** −log P(right) = log(1 + e^∓score) */
const surprise = (score: Value, label: 0 | 1): Value =>
  score
    .mul(label ? -1 : 1)
    .exp()
    .add(1)
    .log();

function sizeOf(root: Value): number {
  const seen = new Set<Value>([root]);
  for (const node of seen) for (const input of node.prev) seen.add(input);
  return seen.size;
}

export class TensorEngine implements Engine {
  readonly #model: Sequential;
  readonly #optimizer: SGD;
  readonly #x: Tensor;
  readonly #y: Tensor;
  readonly #labels: readonly (0 | 1)[];

  constructor({ x, y }: Points, settings: Settings) {
    const { width, lr, momentum } = settings;
    this.#model = new Sequential(
      new Linear(2, width),
      new Tanh(),
      new Linear(width, width),
      new Tanh(),
      new Linear(width, 1),
    );
    copyWeights(scalarModel(settings), this.#model);
    this.#optimizer = new SGD(this.#model.parameters(), { lr, momentum });
    this.#x = tensor(x.flat()).reshape(x.length, 2); // [points, 2]
    this.#y = tensor([...y], { dtype: "float32" }).reshape(y.length, 1); // [points, 1]
    this.#labels = y;
  }

  step(): StepReport {
    using _ = scope();
    const scores = this.#model.forward(this.#x);
    const loss = bceWithLogits(scores, this.#y);
    this.#optimizer.zeroGrad();
    const nodes = nodesBehind(loss);
    loss.backward();
    this.#optimizer.step();
    return { loss: loss.item(), accuracy: accuracyOf([...scores.data], this.#labels), nodes };
  }

  parameters(): number[] {
    return this.#model.parameters().flatMap((p) => [...p.data]);
  }

  grid(n: number): Float32Array {
    using _ = scope();
    using __ = noGrad();
    return this.#model.forward(tensor(places(n).flat()).reshape(n * n, 2)).data.slice() as Float32Array;
  }
}

function copyWeights({ layers }: ScalarMLP, model: Sequential): void {
  const parameters = model.parameters(); // weight [out, in], bias [out], …
  for (const [i, { neurons }] of layers.entries()) {
    parameters[2 * i].assign(neurons.flatMap(({ weights }) => weights.map(({ data }) => data)));
    parameters[2 * i + 1].assign(neurons.map(({ bias }) => bias.data));
  }
}

function nodesBehind(root: Tensor): number {
  const seen = new Set<Tensor>([root]);
  for (const one of seen) for (const input of one.gradFn?.prev ?? []) seen.add(input);
  return seen.size;
}

const accuracyOf = (scores: readonly number[], y: readonly (0 | 1)[]): number =>
  scores.filter((score, i) => score > 0 === (y[i] === 1)).length / Math.max(1, y.length);

/** The middles of n × n cells, from the top left. */
const places = (n: number): [number, number][] =>
  Array.from({ length: n * n }, (_, i) => [
    EDGE * ((2 * ((i % n) + 0.5)) / n - 1),
    EDGE * (1 - (2 * (Math.floor(i / n) + 0.5)) / n),
  ]);
