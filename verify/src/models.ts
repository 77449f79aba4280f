import { Random, randn, type Tensor } from "tensorgrad";
import { Dropout, GELU, Linear, type Module, ReLU, Sequential, SiLU, Softmax, Tanh } from "tensorgrad/nn";

/** Whole models that `verify parity` exports and runs in ONNX Runtime, with seeded weights. */
export interface ModelCase {
  readonly name: string;
  readonly make: () => { readonly model: Module; readonly inputs: Tensor; readonly tolerance: number };
}

const TOLERANCE = 1e-5;

export const models: readonly ModelCase[] = [
  {
    name: "MLP 784-128-10",
    make: () => {
      const random = new Random(1);
      const model = new Sequential(
        new Linear(784, 128, { random }),
        new ReLU(),
        new Linear(128, 10, { random }),
      );
      return { model, inputs: randn([256, 784], { random }), tolerance: TOLERANCE };
    },
  },
  {
    name: "XOR 2-8-1",
    make: () => {
      const random = new Random(2);
      const model = new Sequential(new Linear(2, 8, { random }), new Tanh(), new Linear(8, 1, { random }));
      return { model, inputs: randn([64, 2], { random }), tolerance: TOLERANCE };
    },
  },
  {
    name: "every activation, 16-32-32-32-8",
    make: () => {
      const random = new Random(3);
      const model = new Sequential(
        new Linear(16, 32, { random }),
        new GELU(),
        new Linear(32, 32, { random }),
        new SiLU(),
        new Dropout(0.5, { random }),
        new Linear(32, 32, { random, bias: false }),
        new GELU({ approximate: "tanh" }),
        new Linear(32, 8, { random }),
        new Softmax(),
      );
      model.eval();
      return { model, inputs: randn([64, 16], { random }), tolerance: TOLERANCE };
    },
  },
];
