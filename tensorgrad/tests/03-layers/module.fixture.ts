import { ones, type Tensor, tensor, zeros } from "../../src/01-tensor/index.ts";
import { ReLU, Softmax } from "../../src/02-activations/index.ts";
import { Dropout, Linear, Module, Parameter, Sequential } from "../../src/03-layers/index.ts";

/** x·gain + shift, with a counter of how often it ran. */
export class Scale extends Module {
  readonly gain: Parameter;
  readonly shift: Parameter;
  readonly calls = tensor([0], { dtype: "int32" });

  constructor(size: number) {
    super();
    [this.gain, this.shift] = [new Parameter(ones([size])), new Parameter(zeros([size]))];
  }

  override forward(x: Tensor): Tensor {
    return x.mul(this.gain).add(this.shift);
  }

  protected override describe(): string {
    return String(this.gain.size);
  }
}

export class Net extends Module {
  readonly input = new Linear(2, 3);
  readonly blocks = [new Scale(3), new Sequential(new ReLU(), new Dropout(0.1), new Scale(3))];
  readonly act = new Softmax();
  readonly mean = zeros([3]);
  readonly name = "net";

  override forward(x: Tensor): Tensor {
    return this.act.forward(
      this.blocks.reduce((y, block) => block.forward(y), this.input.forward(x)).sub(this.mean),
    );
  }
}

/** One matrix under two names, as embeddings and output layers of language models share theirs. */
export class Tied extends Module {
  readonly first = new Linear(2, 2, { bias: false });
  readonly second = new Linear(2, 2, { bias: false });
  readonly again = this.first.weight;

  constructor() {
    super();
    Object.assign(this.second, { weight: this.first.weight });
  }

  override forward(x: Tensor): Tensor {
    return this.second.forward(this.first.forward(x));
  }
}

/** Of the parameters of Net. */
export const paths = [
  "input.weight",
  "input.bias",
  "blocks.0.gain",
  "blocks.0.shift",
  "blocks.1.2.gain",
  "blocks.1.2.shift",
];

/** Every number of a module, by path. */
export const numbers = (module: Module): Record<string, number[]> =>
  Object.fromEntries(Object.entries(module.stateDict()).map(([path, { data }]) => [path, [...data]]));
