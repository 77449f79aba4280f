import { type Random, seeded } from "./random.ts";
import { show, Value } from "./value.ts";

const nonlins = ["tanh", "relu", "sigmoid"] as const;
type Nonlin = (typeof nonlins)[number];

export interface Options {
  nonlin?: Nonlin | boolean; // `true` means tanh, `false` a linear neuron
  seed?: number;
  random?: Random; // where initial weights are drawn from, instead of a generator made from the seed
}

abstract class Module {
  abstract parameters(): Value[];

  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = 0;
  }
}

/**
 * y = nonlin(b + w₁·x₁ + … + wₙ·xₙ)
 *
 * Weights start uniform with variance 1/n, so that a sum of n inputs spreads as far as one of them; b starts at 0.
 *
 * Throws    RangeError if nin is no positive integer, or the inputs are not nin; TypeError if nonlin is unknown
 * Source    LeCun, Bottou, Orr & Müller 1998, Efficient BackProp
 */
export class Neuron extends Module {
  readonly weights: Value[];
  readonly bias = new Value(0, "b");
  readonly nonlin: Nonlin | false;

  // exercise: micrograd-weights
  constructor(nin: number, { nonlin = true, seed = 0, random = seeded(seed), ...unknown }: Options = {}) {
    super();
    for (const name in unknown) throw new TypeError(`Neuron: got ${name} — options: nonlin, seed, random`);
    const bound = Math.sqrt(3 / positive("Neuron", nin));
    this.weights = Array.from({ length: nin }, (_, i) => new Value(bound * (2 * random() - 1), `w${i + 1}`));
    this.nonlin = nonlin === true ? "tanh" : nonlin;
    if (this.nonlin === false || nonlins.includes(this.nonlin)) return;
    throw new TypeError(`Neuron: got nonlin ${show(nonlin)} — expected ${nonlins.join(", ")} or a boolean`);
  }

  // exercise: micrograd-neuron
  forward(x: readonly (Value | number)[]): Value {
    const nin = this.weights.length;
    if (x.length !== nin) throw new RangeError(`Neuron(${nin}): got ${x.length} inputs — expected ${nin}`);
    const sum = this.weights.reduce((sum, w, i) => sum.add(w.mul(x[i]!)), this.bias);
    return this.nonlin ? sum[this.nonlin]() : sum;
  }

  parameters(): Value[] {
    return [...this.weights, this.bias];
  }
}

/** `nout` neurons that look at the same inputs. */
export class Layer extends Module {
  readonly neurons: Neuron[];

  constructor(nin: number, nout: number, options: Options = {}) {
    super();
    const all = { ...options, random: options?.random ?? seeded(options?.seed ?? 0) };
    this.neurons = Array.from({ length: positive("Layer", nout) }, () => new Neuron(nin, all));
  }

  forward(x: readonly (Value | number)[]): Value[] {
    const inputs = Array.from(x, (xi) => (typeof xi === "number" ? new Value(xi) : xi)); // shared by all neurons
    return this.neurons.map((neuron) => neuron.forward(inputs));
  }

  parameters(): Value[] {
    return this.neurons.flatMap((neuron) => neuron.parameters());
  }
}

/** Layers in a row: `new MLP(3, [16, 16, 1])` takes 3 inputs through two hidden layers of 16 to one linear output. */
export class MLP extends Module {
  readonly layers: Layer[];

  // exercise: micrograd-mlp
  constructor(nin: number, nouts: readonly number[], options: Options = {}) {
    super();
    if (!Array.isArray(nouts)) throw new TypeError(`MLP: nouts ${show(nouts)} — expected a list of sizes`);
    const { nonlin = true, seed = 0, random = seeded(seed), ...rest } = options;
    this.layers = nouts.map((nout, i) => {
      const hidden = i < nouts.length - 1;
      return new Layer(nouts[i - 1] ?? nin, nout, { ...rest, nonlin: hidden && nonlin, random });
    });
  }

  forward(x: readonly (Value | number)[]): Value[] {
    return this.layers.reduce((y, layer) => layer.forward(y), x) as Value[];
  }

  parameters(): Value[] {
    return this.layers.flatMap((layer) => layer.parameters());
  }
}

function positive(module: string, size: number): number {
  if (Number.isInteger(size) && size > 0) return size;
  throw new RangeError(`${module}: got size ${show(size)} — expected a positive integer`);
}
