import { linspace, manualSeed, randn, scope, type Tensor } from "tensorgrad";
import { DataLoader, SyntheticDigits } from "tensorgrad/data";
import { crossEntropy, gelu, init, Linear, ReLU, relu, Sequential, sigmoid, silu, tanh } from "tensorgrad/nn";
import { AdamW } from "tensorgrad/optim";
import { useThreads } from "tensorgrad/runtime";
import { compared, report } from "../lib/measure.ts";

/** Note 02: what a bend costs, how well GELU is approximated, how sparse ReLU is, and how gradients pass deep stacks. */
useThreads(1);

/** Nanoseconds per element over a million, in the library and in a loop over `Math`. */
function cost() {
  const x = randn([2 ** 20]);
  const out = new Float32Array(x.size);
  const loop = (f: (value: number) => number) => () => {
    const { data } = x;
    for (let i = 0; i < data.length; i++) out[i] = f(data[i]);
  };
  const call = (f: (x: Tensor) => Tensor) => () => {
    using _ = scope();
    f(x);
  };
  const ms = compared({
    relu: call(relu),
    sigmoid: call(sigmoid),
    tanh: call(tanh),
    silu: call(silu),
    gelu: call((x) => gelu(x)),
    geluTanh: call((x) => gelu(x, { approximate: "tanh" })),
    sigmoidLoop: loop((value) => 1 / (1 + Math.exp(-value))),
    tanhLoop: loop(Math.tanh),
  });
  return Object.fromEntries(Object.entries(ms).map(([name, time]) => [name, (time * 1e6) / x.size]));
}

/** The largest distance between GELU and its form with tanh, and where. */
function approximation() {
  const x = linspace(-6, 6, 100_001, { dtype: "float64" });
  const difference = gelu(x)
    .sub(gelu(x, { approximate: "tanh" }))
    .abs();
  const at = difference.argmax().item();
  return { largest: difference.max().item(), at: Math.abs(x.data[at]) };
}

/** The share of zeros that ReLU makes: of a fresh layer, and of one that has learned digits. */
function sparsity() {
  manualSeed(1);
  const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
  const data = new SyntheticDigits({ count: 4000, shape: [784] });
  const share = () => {
    using _ = scope();
    const { x } = data.batch(Int32Array.from({ length: 1000 }, (_, i) => i));
    const hidden = relu(model.layers[0].forward(x));
    return hidden.eq(0).to("float32").mean().item();
  };
  const fresh = share();
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  for (let epoch = 0; epoch < 4; epoch++) {
    for (const { x, y } of new DataLoader(data, { batchSize: 50, shuffle: true })) {
      using _ = scope();
      optimizer.zeroGrad();
      crossEntropy(model.forward(x), y).backward();
      optimizer.step();
    }
  }
  return { fresh, trained: share() };
}

const DEPTH = 20;
const bends = { sigmoid, tanh, relu } as const;

/** The length of the gradient at the input of each of 20 layers, as a share of that at the output; weights after Kaiming and Xavier. */
function depth() {
  const points: Record<string, number[]> = {};
  for (const [name, bend] of Object.entries(bends)) {
    manualSeed(1);
    const layers = Array.from({ length: DEPTH }, () => {
      const layer = new Linear(256, 256, { bias: false });
      (name === "relu" ? init.kaimingNormal : init.xavierNormal)(layer.weight);
      return layer;
    });
    using _ = scope();
    const inputs: Tensor[] = [];
    let h = randn([64, 256], { requiresGrad: true });
    for (const layer of layers) {
      h.retainGrad();
      inputs.push(h);
      h = bend(layer.forward(h));
    }
    h.backward(randn(h.shape));
    const lengths = inputs.map((x) => x.grad?.norm().item() ?? Number.NaN);
    points[name] = lengths.map((length) => length / lengths[DEPTH - 1]);
  }
  return points;
}

const gradients = depth();
report({
  cost: cost(),
  approximation: approximation(),
  sparsity: sparsity(),
  depth: gradients,
  first: Object.fromEntries(Object.entries(gradients).map(([name, [first]]) => [name, first])),
});
