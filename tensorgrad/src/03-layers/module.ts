import { type DType, isFloat, ShapeError, show } from "../00-runtime/index.ts";
import { isTensor, sameShape, type Tensor } from "../01-tensor/index.ts";
import { Parameter } from "./parameter.ts";

/** Anything with a forward: a module, an activation, or an object of one's own. */
export interface Layer {
  forward(x: Tensor): Tensor;
}

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
    return Object.entries(this).flatMap(([name, value]): [string, Layer | Module][] => {
      if (isLayer(value)) return [[name, value]];
      if (!Array.isArray(value)) return [];
      return value.flatMap((part, i): [string, Layer][] => (isLayer(part) ? [[`${name}.${i}`, part]] : []));
    });
  }

  /** This module and all below it, with their paths ("" for itself). */
  modules(path = ""): [path: string, module: Module][] {
    const below = this.children().flatMap(([name, part]) =>
      part instanceof Module ? part.modules(path ? `${path}.${name}` : name) : [],
    );
    return [[path, this], ...below];
  }

  /** Parameters and buffers with their paths. */
  #tensors(): [path: string, tensor: Tensor][] {
    return this.modules().flatMap(([path, module]) =>
      Object.entries(module).flatMap(([name, value]): [string, Tensor][] =>
        isTensor(value) ? [[path ? `${path}.${name}` : name, value]] : [],
      ),
    );
  }

  /** Parameters with their paths; one that is shared appears once, under its first name. */
  namedParameters(): [path: string, parameter: Parameter][] {
    const seen = new Set<Tensor>();
    return this.#tensors().filter((entry): entry is [string, Parameter] => {
      const [, tensor] = entry;
      return tensor instanceof Parameter && !seen.has(tensor) && seen.add(tensor) !== undefined;
    });
  }

  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** All parameters and buffers by path: live views, not copies. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(this.#tensors().map(([path, tensor]) => [path, tensor.detach()]));
  }

  /**
   * Copies values into parameters and buffers. Everything is checked first: a dictionary that does not fit changes nothing.
   *
   * Throws    ShapeError that lists missing keys, unexpected keys and wrong shapes
   */
  loadStateDict(values: Readonly<Record<string, Tensor>>): void {
    const own = this.#tensors();
    const names = new Set(own.map(([path]) => path));
    const missing = [...names].filter((path) => !(path in values));
    const unexpected = Object.keys(values).filter((path) => !names.has(path));
    const misshapen = own.flatMap(([path, tensor]) =>
      !(path in values) || sameShape(values[path].shape, tensor.shape)
        ? []
        : [`${path} (${show(values[path].shape)} for ${show(tensor.shape)})`],
    );
    const faults = { missing, unexpected, "of another shape": misshapen };
    const list = Object.entries(faults).flatMap(([fault, paths]) =>
      paths.length ? [`${fault}: ${paths.join(", ")}`] : [],
    );
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

  /** An indented tree of the module's parts with shapes and parameter counts. */
  toString(): string {
    const count = this.parameters().reduce((sum, p) => sum + p.size, 0);
    const head = `${this.constructor.name}(${this.describe()})${count ? ` — ${count.toLocaleString("en")} parameters` : ""}`;
    const parts = this.children().map(
      ([name, part]) => `  ${name}: ${nameOf(part).replaceAll("\n", "\n  ")}`,
    );
    return [head, ...parts].join("\n");
  }
}

const convert = (value: Tensor, dtype: DType): Tensor =>
  value instanceof Parameter ? new Parameter(value.detach().to(dtype)) : value.detach().to(dtype);

const nameOf = (part: Layer): string =>
  part.toString === Object.prototype.toString ? part.constructor.name : String(part);

const isLayer = (value: unknown): value is Layer =>
  typeof value === "object" && value !== null && "forward" in value && typeof value.forward === "function";
