import {
  brand,
  can,
  type DType,
  expectArgument,
  INSPECT,
  isFloat,
  ShapeError,
  show,
} from "../00-runtime/index.ts";
import { isTensor, sameShape, type Tensor } from "../01-tensor/index.ts";
import { noteClass } from "./calls.ts";
import { joined, valuesIn } from "./held.ts";
import { isLayer, type Layer } from "./layer.ts";
import { Parameter } from "./parameter.ts";

/**
 * A part of a model: holds parameters and other modules in its properties, and computes with them.
 *
 * Properties that are `Parameter`s are trained; other tensors are buffers (saved, not trained); modules are parts of it.
 * All three are also found in lists, Maps, Sets and plain objects. Names in `stateDict` are the paths to them:
 * `blocks.0.norm.weight`. A #private field is nobody else's to see: what it holds is neither trained nor saved, and a
 * Trainer refuses a model whose loss depends on it.
 */
export abstract class Module {
  /** Whether layers that behave differently in training (dropout, batch norm) do so. */
  training = true;

  constructor() {
    noteClass(new.target.prototype);
  }

  /** What the module computes. */
  abstract forward(...inputs: Tensor[]): Tensor;

  /** The parts of this module, with their names. */
  children(): [name: string, part: Layer | Module][] {
    return partsOf(this);
  }

  /** This module and all below it, with their paths ("" for itself). Throws a TypeError if one contains itself. */
  modules(path = "", above: readonly object[] = []): [path: string, module: Module][] {
    if (above.includes(this)) {
      throw new TypeError(
        `${this.constructor.name}: contains itself, at "${path}" — parts of a module form a tree; ` +
          "keep a reference to a module above in a #private field",
      );
    }
    const below = modulesBelow(this.children(), path, [...above, this]);
    return [[path, this], ...below];
  }

  /** Parameters and buffers of this module alone. */
  #ownTensors(): Held[] {
    return tensorsOf(this, this.children());
  }

  /**
   * Parameters and buffers with their paths.
   *
   * Throws    TypeError where two tensors have one path: one of them would not be saved
   */
  namedTensors(): [path: string, tensor: Tensor][] {
    const found = new Map<string, Tensor>();
    for (const [path, module] of this.modules()) {
      for (const { name, tensor } of module.#ownTensors()) {
        const whole = joined(path, name);
        if (found.has(whole)) {
          throw new TypeError(
            `${this.constructor.name}: two tensors are called "${whole}" — a path leads to one; rename a property or a Map's key`,
          );
        }
        found.set(whole, tensor);
      }
    }
    return [...found];
  }

  /** Parameters with their paths; one that is shared appears once, under its first name. */
  namedParameters(): [path: string, parameter: Parameter][] {
    const seen = new Set<Tensor>();
    return this.namedTensors().filter((entry): entry is [string, Parameter] => {
      const [, tensor] = entry;
      return tensor instanceof Parameter && !seen.has(tensor) && seen.add(tensor) !== undefined;
    });
  }

  /** All parameters, those of modules below it too; shared ones once. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** All parameters and buffers by path: live views, not copies. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(this.namedTensors().map(([path, tensor]) => [path, tensor.detach()]));
  }

  /**
   * Copies values into parameters and buffers. Everything is checked first: a dictionary that does not fit changes nothing.
   *
   * Throws    ShapeError that lists missing keys, unexpected keys, wrong shapes and values that are no tensors (any more)
   */
  loadStateDict(values: Readonly<Record<string, Tensor>>): void {
    const own = this.namedTensors();
    const list = differences(own, values);
    if (list.length) {
      throw new ShapeError(
        `loadStateDict: ${list.join("; ")} — names and shapes must be those of ${this.constructor.name}`,
      );
    }
    for (const [path, tensor] of own) tensor.assign(values[path]);
  }

  /** Sets the mode of this module and of all below it: dropout and batch norm work differently in training. */
  train(training = true): this {
    for (const [, module] of this.modules()) module.training = training;
    return this;
  }

  /** `train(false)`: the mode for evaluation and use. */
  eval(): this {
    return this.train(false);
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /**
   * Converts float parameters and buffers to float32 or float64, or to 16 bits for a model that is done with training. They become new tensors (shared ones stay shared), so
   * call it before an optimizer takes hold of them.
   */
  to(dtype: DType): this {
    if (!isFloat(dtype))
      throw new TypeError(
        `to: "${dtype}" — parameters are float32 or float64, or in 16 bits, float16 or bfloat16`,
      );
    const converted = new Map<Tensor, Tensor>();
    for (const [, module] of this.modules()) {
      for (const { tensor, put } of module.#ownTensors()) {
        if (!tensor.isFloat || tensor.dtype === dtype) continue;
        const fresh = converted.get(tensor) ?? convert(tensor, dtype);
        converted.set(tensor, fresh);
        put(fresh);
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
      ({ name, tensor }) => `${tensor instanceof Parameter ? "" : "buffer "}${name} ${show(tensor.shape)}`,
    );
    const numbers = `${count.toLocaleString("en")} parameter${count === 1 ? "" : "s"}`;
    const contents = [count ? numbers : "", shapes.join(", ")].filter((text) => text !== "").join(": ");
    const head = `${this.constructor.name}(${this.describe()})${contents && ` — ${contents}`}`;
    const parts = this.children().map(
      ([name, part]) => `  ${name}: ${nameOf(part).replaceAll("\n", "\n  ")}`,
    );
    return [head, ...parts].join("\n");
  }

  /** The whole tree in Node's console.log; one line within other objects. */
  [INSPECT](depth = 0): string {
    const tree = this.toString();
    return depth < 0 ? tree.split("\n")[0] : tree;
  }
}

/** Layers among an object's properties (or a list's elements), and in what holds things there, with their names. */
export const partsOf = (object: object): [name: string, part: Layer | Module][] =>
  [...valuesIn(object)].flatMap(({ name, value }): [string, Layer][] =>
    isLayer(value) ? [[name, value]] : [],
  );

/** A model and all layers below it, modules or not, with their paths. A layer in two places has the first one's path. */
export function layersOf(model: Layer | Module): Map<Layer | Module, string> {
  expectArgument(can(model, "forward"), "layersOf", "model", model, "a Module or a layer");
  const paths = new Map<Layer | Module, string>([[model, ""]]);
  const visit = (layer: Layer | Module, path: string): void => {
    for (const [name, part] of layer instanceof Module ? layer.children() : partsOf(layer)) {
      if (paths.has(part)) continue;
      paths.set(part, joined(path, name));
      visit(part, joined(path, name));
    }
  };
  visit(model, "");
  return paths;
}

/** Modules among these parts, and below layers that are no modules. */
function modulesBelow(
  parts: readonly [name: string, part: Layer | Module][],
  path: string,
  above: readonly object[],
): [path: string, module: Module][] {
  return parts.flatMap(([name, part]) => {
    if (part instanceof Module) return part.modules(joined(path, name), above);
    return above.includes(part) ? [] : modulesBelow(partsOf(part), joined(path, name), [...above, part]);
  });
}

/** A tensor where it is held, and how to put another one in its place. */
interface Held {
  readonly name: string;
  readonly tensor: Tensor;
  put(fresh: Tensor): void;
}

/** The tensors of an object, and of those of its layers that are no modules. */
function tensorsOf(
  object: object,
  parts: readonly [name: string, part: Layer | Module][],
  above: readonly object[] = [],
): Held[] {
  const own = [...valuesIn(object)].flatMap(({ name, value, put }) =>
    isTensor(value) ? [{ name, tensor: value, put }] : [],
  );
  const below = parts.flatMap(([name, part]) => {
    if (part instanceof Module || above.includes(part)) return [];
    const held = tensorsOf(part, partsOf(part), [...above, part]);
    return held.map((one) => ({ ...one, name: joined(name, one.name) }));
  });
  return [...own, ...below];
}

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

brand(Module);
