import { Tensor } from "tensorgrad";
import type { Function } from "tensorgrad/functions";

/**
 * A planted fault. A checker is proved by what it catches: each fault replaces one method of the library by one that
 * is slightly wrong, and has to be caught on every seed. The report says by which law.
 */
export interface Fault {
  readonly name: string;
  /** What has to notice; the first that does is reported. */
  readonly by: readonly By[];
  /** Puts the fault in; the returned function takes it out again. */
  readonly plant: () => () => void;
}

/**
 * The examples of the row in which the fault stands, its definition, or another row; "scalars" are random programs
 * against micrograd, "scalar parity" random programs of micrograd in ONNX Runtime.
 */
export type By = "row" | "reference" | "scalars" | "scalar parity" | { readonly row: string };

const fault = (name: string, by: readonly By[], plant: Fault["plant"]): Fault => ({
  name,
  by: by.length > 0 ? by : ["row"],
  plant,
});

type FunctionClass = { readonly prototype: Function };
type Gradients = ReturnType<Function["backward"]>;

/** Replaces a method until the returned function is called. */
export function replaced<T extends object, K extends keyof T>(
  target: T,
  key: K,
  make: (original: T[K]) => T[K],
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, key);
  const original = target[key];
  Object.defineProperty(target, key, {
    value: make(original),
    configurable: true,
    writable: true,
    enumerable: false,
  });
  return () => {
    if (own) Object.defineProperty(target, key, own);
    else Reflect.deleteProperty(target, key);
  };
}

/** What a wrong backward may use: the right gradients, what came in, and the inputs. */
export interface Backward {
  readonly gradients: readonly (Tensor | null)[];
  readonly g: Tensor;
  readonly operation: Function;
  readonly inputs: readonly Tensor[];
}

/** A fault in the backward of one class; given as a function of the right answer. */
export function inBackward(
  name: string,
  { prototype }: FunctionClass,
  wrong: (right: Backward) => readonly (Tensor | null)[],
  ...by: readonly By[]
): Fault {
  return fault(name, by, () =>
    replaced(prototype, "backward", (original) => {
      return function (this: Function, g: Tensor): Gradients {
        const gradients = original
          .call(this, g)
          .map((given) => (typeof given === "function" ? given() : given));
        return wrong({ gradients, g, operation: this, inputs: this.prev });
      };
    }),
  );
}

/** The same, for a class with one input. */
export const inUnary = (
  name: string,
  target: FunctionClass,
  wrong: (g: Tensor, right: Tensor, x: Tensor) => Tensor,
  ...by: readonly By[]
): Fault =>
  inBackward(name, target, ({ g, gradients: [right], inputs: [x] }) => [right && wrong(g, right, x)], ...by);

/** A fault in the forward of one class. */
export function inForward(
  name: string,
  { prototype }: FunctionClass,
  wrong: (right: Tensor, inputs: readonly Tensor[]) => Tensor,
  ...by: readonly By[]
): Fault {
  return fault(name, by, () =>
    replaced(prototype, "forward", (original) => {
      return function (this: Function, ...inputs: Tensor[]): Tensor {
        return wrong(original.apply(this, inputs), inputs);
      };
    }),
  );
}

/** A fault in any other method. */
export function inMethod<T extends object, K extends keyof T>(
  name: string,
  target: T,
  key: K,
  make: (original: T[K]) => T[K],
  ...by: readonly By[]
): Fault {
  return fault(name, by, () => replaced(target, key, make));
}

/** Does something to the leaves each time `backward` is called, before it runs. */
export function beforeBackward(act: (leaves: readonly Tensor[]) => void): () => void {
  return replaced(Tensor.prototype, "backward", (right) => {
    return function (this: Tensor, ...args) {
      act(leavesBehind(this));
      right.apply(this, args);
    };
  });
}

/** Replaces a method of tensors, but only while `backward` runs. */
export function whileBackward<K extends "add" | "sum">(
  method: K,
  make: (right: Tensor[K]) => Tensor[K],
): () => void {
  let running = 0;
  const restore = [
    replaced(Tensor.prototype, "backward", (right) => {
      return function (this: Tensor, ...args) {
        running++;
        try {
          right.apply(this, args);
        } finally {
          running--;
        }
      };
    }),
    replaced(Tensor.prototype, method, (right) => {
      const wrong = make(right) as (...args: unknown[]) => Tensor;
      const fair = right as (...args: unknown[]) => Tensor;
      return function (this: Tensor, ...args: unknown[]) {
        return (running > 0 ? wrong : fair).apply(this, args);
      } as Tensor[K];
    }),
  ];
  return () => {
    for (const undo of restore.reverse()) undo();
  };
}

/** One element of one parameter in one step. */
export type ElementUpdate<Settings> = (
  p: Numbers,
  g: Numbers,
  state: Readonly<Record<string, Numbers>>,
  settings: Settings,
  i: number,
  step: number,
) => void;

export type Numbers = Record<number, number>;

/** A fault in how an optimizer moves its parameters: its definition tells. */
export function inUpdate<Settings>(
  name: string,
  { prototype }: { readonly prototype: object },
  wrong: ElementUpdate<Settings>,
): Fault {
  type Update = (
    p: Tensor,
    g: Tensor,
    state: Record<string, Tensor>,
    settings: Settings,
    step: number,
  ) => void;
  return fault(name, ["reference"], () =>
    replaced(prototype as { update: Update }, "update", () => (p, g, state, settings, step) => {
      const numbers = Object.fromEntries(Object.entries(state).map(([key, tensor]) => [key, tensor.data]));
      for (let i = 0; i < p.size; i++) wrong(p.data, g.data, numbers, settings, i, step);
    }),
  );
}

function leavesBehind(output: Tensor): Tensor[] {
  const [found, open] = [new Set<Tensor>(), [output]];
  for (let t = open.pop(); t !== undefined; t = open.pop()) {
    if (t.gradFn === null) found.add(t);
    else open.push(...t.gradFn.prev);
  }
  return [...found];
}
