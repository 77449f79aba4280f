/** TensorFlow.js as its documentation writes it, on the backend of the argument: wasm (one thread) or cpu. */
import type { Elementwise, Work } from "../cases.ts";
import { classes, floats, weights } from "../contenders/inputs.ts";
import { absent, serve, type Workload } from "../serve.ts";
import { peer } from "./peer.ts";

/** What is used of its interface. */
interface Value {
  matMul(other: Value): Value;
  add(other: Value): Value;
  mul(other: Value): Value;
  relu(): Value;
  sum(): Value;
  exp(): Value;
  tanh(): Value;
  sigmoid(): Value;
  clone(): Value;
  toFloat(): Value;
  dispose(): void;
}
interface Optimizer {
  minimize(loss: () => Value, returnCost: boolean, variables: readonly Value[]): unknown;
  dispose(): void;
}
interface Tensorflow {
  setBackend(name: string): Promise<boolean>;
  tidy(call: () => void): void;
  tensor(data: Float32Array, shape: readonly number[]): Value;
  tensor1d(data: Int32Array, dtype: "int32"): Value;
  variable(value: Value): Value;
  oneHot(indices: Value, depth: number): Value;
  zeros(shape: readonly number[]): Value;
  matMul(a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value;
  losses: { softmaxCrossEntropy(oneHot: Value, logits: Value): Value };
  train: { sgd(lr: number): Optimizer; adam(lr: number): Optimizer };
}

const [backend] = process.argv.slice(2);
const { default: tf } = await peer<{ default: Tensorflow }>("@tensorflow/tfjs");
if (backend === "wasm") {
  const wasm = await peer<{ default: { setThreadsCount(threads: number): void } }>(
    "@tensorflow/tfjs-backend-wasm",
  );
  wasm.default.setThreadsCount(1);
}
if (!(await tf.setBackend(backend))) absent(`tfjs has no backend "${backend}" here`);

function times(repeat: number, call: () => unknown, owned: readonly { dispose(): void }[]): Workload {
  return {
    run: () => {
      for (let i = 0; i < repeat; i++) tf.tidy(() => void call());
    },
    dispose: () => {
      for (const one of owned) one.dispose();
    },
  };
}

const operations: Readonly<Partial<Record<Elementwise, (a: Value, b: Value) => Value>>> = {
  add: (a, b) => a.add(b),
  mul: (a, b) => a.mul(b),
  relu: (a) => a.relu(),
  sum: (a) => a.sum(),
  exp: (a) => a.exp(),
  tanh: (a) => a.tanh(),
  sigmoid: (a) => a.sigmoid(),
};

function mlp({ widths, batch, optimizer }: Extract<Work, { kind: "mlp" }>, repeat: number): Workload {
  const variables = widths
    .slice(1)
    .flatMap((outputs, i) => [
      tf.variable(tf.tensor(weights(widths[i], outputs), [widths[i], outputs])),
      tf.variable(tf.zeros([outputs])),
    ]);
  const x = tf.tensor(floats(batch * widths[0]), [batch, widths[0]]);
  const y = tf.oneHot(tf.tensor1d(classes(batch), "int32"), 10).toFloat();
  const update = optimizer === "sgd" ? tf.train.sgd(0.01) : tf.train.adam(1e-3);
  const loss = () => {
    let h = x;
    for (let i = 0; i < variables.length; i += 2) {
      h = h.matMul(variables[i]).add(variables[i + 1]);
      if (i + 2 < variables.length) h = h.relu();
    }
    return tf.losses.softmaxCrossEntropy(y, h);
  };
  return times(repeat, () => update.minimize(loss, false, variables), [...variables, x, y, update]);
}

function prepare(work: Work, repeat: number): Workload | null {
  if (work.kind === "mlp") return mlp(work, repeat);
  if (work.kind === "gemm") {
    const shape = [work.size, work.size];
    const [a, b] = [tf.tensor(floats(work.size ** 2, 1), shape), tf.tensor(floats(work.size ** 2, 2), shape)];
    const [transposeA, transposeB] = [...work.layout].map((letter) => letter === "T");
    return times(repeat, () => tf.matMul(a, b, transposeA, transposeB), [a, b]);
  }
  const operation = work.kind === "elementwise" ? operations[work.op] : undefined;
  if (work.kind !== "elementwise" || !operation) return null;
  const [a, b] = [tf.tensor(floats(work.size, 1), [work.size]), tf.tensor(floats(work.size, 2), [work.size])];
  return times(repeat, () => operation(a, b), [a, b]);
}

await serve(`tfjs, ${backend}, 1 thread`, prepare);
