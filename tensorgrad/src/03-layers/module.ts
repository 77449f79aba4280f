import { brand, type DType, isFloat, refuseOtherCopy, ShapeError, show } from "../00-runtime/index.ts";
import { isTensor, sameShape, type Tensor } from "../01-tensor/index.ts";
import { Parameter } from "./parameter.ts";

/** Anything with a forward: a module, an activation, or an object of one's own. */
export interface Layer {
  forward(x: Tensor): Tensor;
  /** Computes layers that follow in the same pass over memory, with equal results; null: none of these. */
  fuse?(following: readonly Layer[]): Fusion | null;
}

/** Layers in a row that are computed together. */
export interface Fusion {
  /** How many, the first one included. */
  readonly layers: number;
  forward(x: Tensor): Tensor;
}

type Class<T> = abstract new (...args: never[]) => T;

/** Whether a layer is of this class, and computes as the class does: nobody replaced its forward, or watches it. */
export const isPlain = <T extends Layer>(layer: Layer | undefined, type: Class<T>): layer is T =>
  layer instanceof type && layer.forward === (type.prototype as Layer).forward;

/**
 * A part of a model: holds parameters and other modules as plain properties, and computes with them.
 *
 * Properties that are `Parameter`s are trained; other tensors are buffers (saved, not trained); modules, and lists of
 * modules, are parts of it. Names in `stateDict` are the paths to them: `blocks.0.norm.weight`.
 */
export abstract class Module {
  /** Whether layers that behave differently in training (dropout, batch norm) do so. */
  training = true;

  abstract forward(...inputs: Tensor[]): Tensor;

  /** The parts of this module, with their names. */
  children(): [name: string, part: Layer | Module][] {
    return partsOf(this);
  }

  /** This module and all below it, with their paths ("" for itself). Throws a TypeError if one contains itself. */
  modules(path = "", above: readonly Module[] = []): [path: string, module: Module][] {
    if (above.includes(this)) {
      throw new TypeError(
        `${this.constructor.name}: contains itself, at "${path}" — parts of a module form a tree; ` +
          "keep a reference to a module above in a #private field",
      );
    }
    const below = this.children().flatMap(([name, part]) =>
      part instanceof Module ? part.modules(path ? `${path}.${name}` : name, [...above, this]) : [],
    );
    return [[path, this], ...below];
  }

  /** Parameters and buffers of this module alone. */
  #ownTensors(): [name: string, tensor: Tensor][] {
    return Object.entries(this).filter((entry): entry is [string, Tensor] => isTensor(entry[1]));
  }

  /** Parameters and buffers with their paths. */
  #allTensors(): [path: string, tensor: Tensor][] {
    return this.modules().flatMap(([path, module]) =>
      module
        .#ownTensors()
        .map(([name, tensor]): [string, Tensor] => [path ? `${path}.${name}` : name, tensor]),
    );
  }

  /** Parameters with their paths; one that is shared appears once, under its first name. */
  namedParameters(): [path: string, parameter: Parameter][] {
    const seen = new Set<Tensor>();
    return this.#allTensors().filter((entry): entry is [string, Parameter] => {
      const [, tensor] = entry;
      return tensor instanceof Parameter && !seen.has(tensor) && seen.add(tensor) !== undefined;
    });
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** All parameters and buffers by path: live views, not copies. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(this.#allTensors().map(([path, tensor]) => [path, tensor.detach()]));
  }

  /**
   * Copies values into parameters and buffers. Everything is checked first: a dictionary that does not fit changes nothing.
   *
   * Throws    ShapeError that lists missing keys, unexpected keys, wrong shapes and values that are no tensors (any more)
   */
  loadStateDict(values: Readonly<Record<string, Tensor>>): void {
    const own = this.#allTensors();
    const list = differences(own, values);
    if (list.length) {
      throw new ShapeError(
        `loadStateDict: ${list.join("; ")} — names and shapes must be those of ${this.constructor.name}`,
      );
    }
    for (const [path, tensor] of own) tensor.assign(values[path]);
  }

  train(training = true): this {
    for (const [, module] of this.modules()) module.training = training;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /**
   * Converts float parameters and buffers to float32 or float64. They become new tensors (shared ones stay shared), so
   * call it before an optimizer takes hold of them.
   */
  to(dtype: DType): this {
    if (!isFloat(dtype)) throw new TypeError(`to: "${dtype}" — parameters are float32 or float64`);
    const converted = new Map<Tensor, Tensor>();
    for (const [, module] of this.modules()) {
      for (const [name, value] of Object.entries(module)) {
        if (!isTensor(value) || !value.isFloat || value.dtype === dtype) continue;
        const fresh = converted.get(value) ?? convert(value, dtype);
        converted.set(value, fresh);
        Object.assign(module, { [name]: fresh });
      }
    }
    return this;
  }

  /** What `toString` writes between the parentheses: sizes and settings. */
  protected describe(): string {
    return "";
  }

  /** An indented tree of the module's parts, each with its parameters: how many, and of which shapes. */
  toString(): string {
    const count = this.parameters().reduce((sum, { size }) => sum + size, 0);
    const shapes = this.#ownTensors().map(
      ([name, x]) => `${x instanceof Parameter ? "" : "buffer "}${name} ${show(x.shape)}`,
    );
    const numbers = `${count.toLocaleString("en")} parameter${count === 1 ? "" : "s"}`;
    const contents = [count ? numbers : "", shapes.join(", ")].filter((text) => text !== "").join(": ");
    const head = `${this.constructor.name}(${this.describe()})${contents && ` — ${contents}`}`;
    const parts = this.children().map(
      ([name, part]) => `  ${name}: ${nameOf(part).replaceAll("\n", "\n  ")}`,
    );
    return [head, ...parts].join("\n");
  }
}

/** Layers among an object's properties (or a list's elements), and in lists there, with their names. */
export const partsOf = (object: object): [name: string, part: Layer | Module][] =>
  Object.entries(object).flatMap(([name, value]): [string, Layer | Module][] => {
    if (isLayer(value)) return [[name, value]];
    if (!Array.isArray(value)) return [];
    return value.flatMap((part, i): [string, Layer][] => (isLayer(part) ? [[`${name}.${i}`, part]] : []));
  });

/** What keeps a dictionary from fitting these tensors, one line per kind of fault. */
function differences(
  own: readonly [path: string, tensor: Tensor][],
  values: Readonly<Record<string, Tensor>>,
): string[] {
  if (typeof values !== "object" || values === null) return [`${values} in place of a dictionary of tensors`];
  const names = new Set(own.map(([path]) => path));
  const given = own.filter(([path]) => Object.hasOwn(values, path));
  const faults = {
    missing: [...names].filter((path) => !Object.hasOwn(values, path)),
    unexpected: Object.keys(values).filter((path) => !names.has(path)),
    "no tensor": given.flatMap(([path]) => (isTensor(values[path]) ? [] : [path])),
    "already freed": given.flatMap(([path]) =>
      isTensor(values[path]) && values[path].storage.freed ? [path] : [],
    ),
    "of another shape": given.flatMap(([path, { shape }]) => {
      const value = values[path];
      return !isTensor(value) || sameShape(value.shape, shape)
        ? []
        : [`${path} (${show(value.shape)} for ${show(shape)})`];
    }),
  };
  return Object.entries(faults).flatMap(([fault, paths]) =>
    paths.length ? [`${fault}: ${paths.join(", ")}`] : [],
  );
}

const convert = (value: Tensor, dtype: DType): Tensor =>
  value instanceof Parameter ? new Parameter(value.detach().to(dtype)) : value.detach().to(dtype);

const nameOf = (part: Layer): string =>
  part.toString === Object.prototype.toString ? part.constructor.name : String(part);

/** Anything with a forward counts as a part. Throws TypeError for a layer of another copy of the library. */
export function isLayer(value: unknown): value is Layer {
  if (typeof value !== "object" || value === null || !("forward" in value)) return false;
  refuseOtherCopy("Module", "a layer", value);
  return typeof value.forward === "function";
}

brand(Module);
