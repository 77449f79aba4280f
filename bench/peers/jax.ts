/** jax-js on its WebAssembly backend. Node has no `Worker` of the web's kind, so it runs on one thread. */
import type { Elementwise, Work } from "../cases.ts";
import { classes, floats, weights } from "../contenders/inputs.ts";
import { serve, type Workload } from "../serve.ts";
import { peer } from "./peer.ts";

/** What is used of its interface. Every call takes its arguments; `ref` keeps them for another one. */
interface Value {
  readonly ref: Value;
  reshape(shape: readonly number[]): Value;
  add(other: Value | number): Value;
  sub(other: Value): Value;
  mul(other: Value | number): Value;
  div(other: Value | number): Value;
  transpose(): Value;
  sum(): Value;
  dispose(): void;
}
type Unary = (x: Value) => Value;
/** All parameters, their optimizer state, and the count of steps. */
type State = { readonly p: Value[]; readonly m: Value[]; readonly v: Value[] };
interface Jax {
  init(device: string): Promise<string[]>;
  defaultDevice(device: string): void;
  blockUntilReady(tree: unknown): Promise<unknown>;
  jit<F extends (...args: never[]) => unknown>(f: F): F;
  grad(f: (p: Value[], x: Value, y: Value) => Value): (p: Value[], x: Value, y: Value) => Value[];
  nn: { relu: Unary; logSoftmax: Unary; sigmoid: Unary; gelu: Unary };
  numpy: {
    array(data: Float32Array): Value;
    zeros(shape: readonly number[]): Value;
    matmul(a: Value, b: Value): Value;
    exp: Unary;
    tanh: Unary;
    sqrt: Unary;
  };
}

const jax = await peer<Jax>("@jax-js/jax");
const { numpy: np, nn } = jax;
await jax.init("wasm");
jax.defaultDevice("wasm");

const array = (data: Float32Array, ...shape: number[]): Value => np.array(data).reshape(shape);

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
const references = (values: readonly Value[]): Value[] => values.map((value) => value.ref);

function sgd({ p, m, v }: State, x: Value, y: Value): State {
  const g = gradients(references(p), x, y);
  return { p: p.map((one, i) => one.sub(g[i].mul(0.01))), m, v };
}

/** Without the correction of the first steps' bias, which is a matter of scalars and costs no time. */
function adam({ p, m, v }: State, x: Value, y: Value): State {
  const g = gradients(references(p), x, y);
  const first = m.map((one, i) => one.mul(0.9).add(g[i].ref.mul(0.1)));
  const second = v.map((one, i) => one.mul(0.999).add(g[i].ref.mul(g[i]).mul(0.001)));
  const moved = p.map((one, i) => {
    const scale = np.sqrt(second[i].ref).add(1e-8);
    return one.sub(first[i].ref.mul(1e-3).div(scale));
  });
  return { p: moved, m: first, v: second };
}

function mlp({ widths, batch, optimizer }: Extract<Work, { kind: "mlp" }>, repeat: number): Workload {
  const p = widths
    .slice(1)
    .flatMap((outputs, i) => [array(weights(widths[i], outputs), widths[i], outputs), np.zeros([outputs])]);
  const zeros = () => (optimizer === "adam" ? references(p).map((one) => one.mul(0)) : []);
  let state: State = { p, m: zeros(), v: zeros() };
  const x = array(floats(batch * widths[0]), batch, widths[0]);
  const oneHot = new Float32Array(batch * 10);
  classes(batch).forEach((target, row) => {
    oneHot[row * 10 + target] = 1 / batch;
  });
  const y = array(oneHot, batch, 10);
  const step = jax.jit(optimizer === "sgd" ? sgd : adam);
  return {
    run: async () => {
      for (let i = 0; i < repeat; i++) {
        state = step(state, x.ref, y.ref);
        await jax.blockUntilReady(state);
      }
    },
    dispose: () => {
      for (const value of [...state.p, ...state.m, ...state.v, x, y]) value.dispose();
    },
  };
}

function prepare(work: Work, repeat: number): Workload | null {
  if (work.kind === "gemm") return gemm(work, repeat);
  if (work.kind === "mlp") return mlp(work, repeat);
  const operation = work.kind === "elementwise" ? operations[work.op] : undefined;
  if (work.kind !== "elementwise" || !operation) return null;
  const [a, b] = [array(floats(work.size, 1), work.size), array(floats(work.size, 2), work.size)];
  const compiled = jax.jit(operation);
  return times(repeat, () => compiled(a.ref, b.ref), a, b);
}

await serve("jax-js, wasm, jitted, 1 thread", prepare);
