/** What is used of jax-js, loaded and on its WebAssembly backend. */
import { peer } from "./peer.ts";

/** What is used of its interface. Every call takes its arguments; `ref` keeps them for another one. */
export interface Value {
  readonly ref: Value;
  reshape(shape: readonly number[]): Value;
  add(other: Value | number): Value;
  sub(other: Value): Value;
  mul(other: Value | number): Value;
  div(other: Value | number): Value;
  transpose(order?: readonly number[]): Value;
  sum(axis?: number): Value;
  slice(...index: (readonly number[])[]): Value;
  dispose(): void;
}
type Unary = (x: Value) => Value;
interface Jax {
  init(device: string): Promise<string[]>;
  defaultDevice(device: string): void;
  blockUntilReady(tree: unknown): Promise<unknown>;
  jit<F extends (...args: never[]) => unknown>(f: F): F;
  grad<Rest extends Value[]>(f: (p: Value[], ...rest: Rest) => Value): (p: Value[], ...rest: Rest) => Value[];
  nn: {
    relu: Unary;
    logSoftmax: Unary;
    sigmoid: Unary;
    gelu: Unary;
    standardize: Unary;
    softmax: Unary;
  };
  numpy: {
    array(data: Float32Array): Value;
    zeros(shape: readonly number[]): Value;
    matmul(a: Value, b: Value): Value;
    pad(x: Value, widths: readonly (readonly [number, number])[]): Value;
    concatenate(parts: readonly Value[], axis: number): Value;
    max(x: Value, axes: readonly number[], options?: { readonly keepdims: boolean }): Value;
    equal(a: Value, b: Value): Value;
    greater(a: Value, b: Value | number): Value;
    where(condition: Value, a: Value, b: Value | number): Value;
    exp: Unary;
    tanh: Unary;
    sqrt: Unary;
  };
}

export const jax = await peer<Jax>("@jax-js/jax");

await jax.init("wasm");
jax.defaultDevice("wasm");

export const array = (data: Float32Array, ...shape: number[]): Value => jax.numpy.array(data).reshape(shape);
export const references = (values: readonly Value[]): Value[] => values.map((value) => value.ref);
