/** jax-js on its WebAssembly backend. Node has no `Worker` of the web's kind, so it runs on one thread. */
import type { Elementwise, GptSizes, Work } from "../cases.ts";
import { classes, floats, weights } from "../contenders/inputs.ts";
import { serve, type Workload } from "../serve.ts";
import { cnn } from "./jax-cnn.ts";
import { array, jax, references, type Value } from "./jax-words.ts";

/** All parameters, their optimizer state, and the count of steps. */
type State = { readonly p: Value[]; readonly m: Value[]; readonly v: Value[] };
type Objective = (p: Value[], x: Value, y: Value) => Value;
type Gradients = (p: Value[], x: Value, y: Value) => Value[];
const { numpy: np, nn } = jax;

/** A jitted function, called and waited for; what it returns is dropped. */
function times(repeat: number, call: () => Value, ...inputs: Value[]): Workload {
  return {
    run: async () => {
      for (let i = 0; i < repeat; i++) {
        const y = call();
        await jax.blockUntilReady(y);
        y.dispose();
      }
    },
    dispose: () => {
      for (const input of inputs) input.dispose();
    },
  };
}

function gemm({ size, layout }: Extract<Work, { kind: "gemm" }>, repeat: number): Workload {
  const [a, b] = [array(floats(size ** 2, 1), size, size), array(floats(size ** 2, 2), size, size)];
  const side = (x: Value, letter: string) => (letter === "T" ? x.transpose() : x);
  const product = jax.jit((x: Value, y: Value) => np.matmul(side(x, layout[0]), side(y, layout[1])));
  return times(repeat, () => product(a.ref, b.ref), a, b);
}

const operations: Readonly<Partial<Record<Elementwise, (a: Value, b: Value) => Value>>> = {
  add: (a, b) => a.add(b),
  mul: (a, b) => a.mul(b),
  relu: (a, b) => only(nn.relu(a), b),
  sum: (a, b) => only(a.sum(), b),
  exp: (a, b) => only(np.exp(a), b),
  tanh: (a, b) => only(np.tanh(a), b),
  geluTanh: (a, b) => only(nn.gelu(a), b),
  sigmoid: (a, b) => only(nn.sigmoid(a), b),
};

function only(y: Value, unused: Value): Value {
  unused.dispose();
  return y;
}

function loss(p: Value[], x: Value, y: Value): Value {
  let h = x;
  for (let i = 0; i < p.length; i += 2) {
    h = np.matmul(h, p[i]).add(p[i + 1]);
    if (i + 2 < p.length) h = nn.relu(h);
  }
  return nn.logSoftmax(h).mul(y).sum().mul(-1);
}

const gradients = jax.grad(loss);

function sgd({ p, m, v }: State, x: Value, y: Value): State {
  const g = gradients(references(p), x, y);
  return { p: p.map((one, i) => one.sub(g[i].mul(0.01))), m, v };
}

/** Without the correction of the first steps' bias, which is a matter of scalars and costs no time. */
const adam =
  (gradients: Gradients, weightDecay: number) =>
  ({ p, m, v }: State, x: Value, y: Value): State => {
    const g = gradients(references(p), x, y);
    const first = m.map((one, i) => one.mul(0.9).add(g[i].ref.mul(0.1)));
    const second = v.map((one, i) => one.mul(0.999).add(g[i].ref.mul(g[i]).mul(0.001)));
    const moved = p.map((one, i) => {
      const scale = np.sqrt(second[i].ref).add(1e-8);
      const kept = weightDecay === 0 ? one : one.mul(1 - 1e-3 * weightDecay);
      return kept.sub(first[i].ref.mul(1e-3).div(scale));
    });
    return { p: moved, m: first, v: second };
  };

/** Row i has `value` in the place that its class names. */
function oneHot(targets: Int32Array, width: number, value: number): Value {
  const rows = new Float32Array(targets.length * width);
  targets.forEach((target, row) => {
    rows[row * width + target] = value;
  });
  return array(rows, targets.length, width);
}

/** Steps of a jitted training. */
function training(
  step: (state: State, x: Value, y: Value) => State,
  first: State,
  [x, y]: readonly [Value, Value],
  repeat: number,
): Workload {
  let state = first;
  const jitted = jax.jit(step);
  return {
    run: async () => {
      for (let i = 0; i < repeat; i++) {
        state = jitted(state, x.ref, y.ref);
        await jax.blockUntilReady(state);
      }
    },
    dispose: () => {
      for (const value of [...state.p, ...state.m, ...state.v, x, y]) value.dispose();
    },
  };
}

function mlp({ widths, batch, optimizer }: Extract<Work, { kind: "mlp" }>, repeat: number): Workload {
  const p = widths
    .slice(1)
    .flatMap((outputs, i) => [array(weights(widths[i], outputs), widths[i], outputs), np.zeros([outputs])]);
  const zeros = () => (optimizer === "adam" ? references(p).map((one) => one.mul(0)) : []);
  const x = array(floats(batch * widths[0]), batch, widths[0]);
  const y = oneHot(classes(batch), 10, 1 / batch);
  const step = optimizer === "sgd" ? sgd : adam(gradients, 0);
  return training(step, { p, m: zeros(), v: zeros() }, [x, y], repeat);
}

const VOCABULARY = 65;

/** Table and positions; for each layer norm, q, k, v, out, norm, up, down; the last norm. Each but the first two with a bias. */
function gptParameters({ layers, width, context }: GptSizes): Value[] {
  const line = (inputs: number, outputs: number) => [
    array(weights(inputs, outputs), inputs, outputs),
    np.zeros([outputs]),
  ];
  const norm = () => [np.zeros([width]).add(1), np.zeros([width])];
  const attention = () => [...norm(), ...[0, 1, 2, 3].flatMap(() => line(width, width))];
  const table = [VOCABULARY, context].map((rows) => array(weights(rows, width), rows, width));
  const blocks = Array.from({ length: layers }, () => [
    ...attention(),
    ...norm(),
    ...line(width, 4 * width),
    ...line(4 * width, width),
  ]);
  return [...table, ...blocks.flat(), ...norm()];
}

/** x and y are rows of a batch one after the other, each with a 1 in the place of its character. */
const gptLoss =
  ({ layers, heads, width, context }: GptSizes, batch: number, mask: Value): Objective =>
  (p, x, y) => {
    const [table, positions, ...rest] = p;
    const next = (): [Value, Value] => rest.splice(0, 2) as [Value, Value];
    const line = (input: Value): Value => {
      const [w, b] = next();
      return np.matmul(input, w).add(b);
    };
    const norm = (input: Value): Value => {
      const [w, b] = next();
      return nn.standardize(input).mul(w).add(b);
    };
    const flat = [batch * context, width];
    const scale = 1 / Math.sqrt(width / heads);
    const split = (rows: Value): Value =>
      rows.reshape([batch, context, heads, width / heads]).transpose([0, 2, 1, 3]);
    /** Its own `dotProductAttention` needs helpers of iterators, which Node 20 does not have. */
    const attention = (q: Value, k: Value, v: Value): Value => {
      const scores = np
        .matmul(q, k.transpose([0, 1, 3, 2]))
        .mul(scale)
        .add(mask.ref);
      return np.matmul(nn.softmax(scores), v).transpose([0, 2, 1, 3]).reshape(flat);
    };
    let h = np.matmul(x, table.ref).reshape([batch, context, width]).add(positions).reshape(flat);
    for (let layer = 0; layer < layers; layer++) {
      const seen = norm(h.ref);
      const [q, k, v] = [line(seen.ref), line(seen.ref), line(seen)].map(split);
      h = h.add(line(attention(q, k, v)));
      h = h.add(line(nn.gelu(line(norm(h.ref)))));
    }
    const logits = np.matmul(norm(h), table.transpose());
    return nn.logSoftmax(logits).mul(y).sum().mul(-1);
  };

function gpt({ batch, ...sizes }: Extract<Work, { kind: "gpt" }>, repeat: number): Workload {
  const p = gptParameters(sizes);
  const zeros = () => references(p).map((one) => one.mul(0));
  const rows = batch * sizes.context;
  const x = oneHot(classes(rows), VOCABULARY, 1);
  const y = oneHot(classes(rows + 1).subarray(1), VOCABULARY, 1 / rows);
  const { context } = sizes;
  const hidden = Float32Array.from({ length: context ** 2 }, (_, i) =>
    i % context > Math.floor(i / context) ? -1e9 : 0,
  );
  const step = adam(jax.grad(gptLoss(sizes, batch, array(hidden, context, context))), 0.01);
  return training(step, { p, m: zeros(), v: zeros() }, [x, y], repeat);
}

function prepare(work: Work, repeat: number): Workload | null {
  if (work.kind === "gemm") return gemm(work, repeat);
  if (work.kind === "mlp") return mlp(work, repeat);
  if (work.kind === "gpt") return gpt(work, repeat);
  if (work.kind === "cnn") return work.pass === "step" && !work.batchNorm ? cnn(work, repeat) : null;
  const operation = work.kind === "elementwise" ? operations[work.op] : undefined;
  if (work.kind !== "elementwise" || !operation) return null;
  const [a, b] = [array(floats(work.size, 1), work.size), array(floats(work.size, 2), work.size)];
  const compiled = jax.jit(operation);
  return times(repeat, () => compiled(a.ref, b.ref), a, b);
}

await serve("jax-js, wasm, jitted, 1 thread", prepare);
