import { checked, type DType, expectArgument, isList } from "../../00-runtime/index.ts";
import { fromArray, isTensor, type Tensor } from "../../01-tensor/index.ts";
import { Module, Parameter } from "../../03-layers/index.ts";
import type { ElementName } from "../format/element-types.ts";
import { checkShape, type Declared } from "./declared.ts";
import { castHost } from "./host/cast.ts";
import type { Plans, Stored } from "./plan.ts";
import { Runner } from "./run.ts";
import { hostOf, isFloating, isSequence, tensorOf, type Value } from "./values.ts";

/** What goes into a model by name: tensors, arrays with dtype and shape, sequences. */
export type OnnxInput = Value;

/** Arrays of this size and less are settings of the graph rather than weights, unless they are initializers. */
const FEW = 64;

/**
 * A model from an ONNX file. Floating initializers are its parameters, under their names in the file; it trains, saves and is
 * exported as every module.
 *
 * Parameters  floating initializers, and constants of more than one number that stand where an operator has its weights; running
 *             statistics are buffers; bounds, scales of a quantization and single numbers stay as they are
 * Modes       the file decides whether dropout and normalisation train: `train()` changes nothing
 */
export class ImportedModel extends Module {
  readonly #plans: Plans;
  readonly #constants = new Map<string, Value>();
  readonly #names = new Map<string, string>();

  readonly #checkShapes: boolean;

  constructor(plans: Plans, options: { readonly checkShapes?: boolean } = {}) {
    super();
    const { checkShapes = true } = checked("ImportedModel", options, ["checkShapes"]);
    const fits = isList(plans?.main?.stored);
    expectArgument(
      fits,
      "ImportedModel",
      "plans",
      plans,
      "a checked graph; importOnnx(file) makes one and the model",
    );
    [this.#plans, this.#checkShapes] = [plans, checkShapes];
    for (const { stored } of [plans.main, ...plans.inner.values()]) for (const one of stored) this.#keep(one);
  }

  /** Parameters and buffers are properties under their own names, where the module has none of that name itself. */
  #keep(stored: Stored): void {
    const { key, value } = stored;
    const role = roleOf(stored);
    if (role === "constant") {
      this.#constants.set(key, value);
      return;
    }
    const name = key in this || key === "" ? `${key}_` : key;
    const tensor = tensorOf(value);
    this.#names.set(key, name);
    Object.defineProperty(this, name, {
      value: role === "parameter" ? new Parameter(tensor) : tensor,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }

  #stored(key: string): Value {
    const name = this.#names.get(key);
    if (name === undefined) return this.#constants.get(key) ?? null;
    return (this as unknown as Record<string, Tensor>)[name];
  }

  /** Names and declared shapes of what goes in. */
  get inputs(): readonly Declared[] {
    return this.#plans.main.inputs;
  }

  /** Names and declared shapes of what comes out. */
  get outputs(): readonly Declared[] {
    return this.#plans.main.outputs;
  }

  /** The first output. Inputs come in the order of the file; int32 stands for int64. */
  override forward(...inputs: Tensor[]): Tensor {
    return this.forwardAll(...inputs)[0];
  }

  /** All outputs, in the order of the file. */
  forwardAll(...inputs: Tensor[]): Tensor[] {
    return this.#run(inputs).map((value) => tensorOf(value));
  }

  /**
   * Runs the model on arrays by name, or in the order of the file: whole numbers of 64 bits, strings and sequences too.
   *
   * Returns   the outputs by name, with the types that the file declares
   */
  run(inputs: Readonly<Record<string, OnnxInput>> | readonly OnnxInput[]): Record<string, Value> {
    const given = this.#inOrder(inputs).map((value) => withTensors(value));
    const results = this.#run(given);
    return Object.fromEntries(this.outputs.map(({ name, dtype }, i) => [name, declared(results[i], dtype)]));
  }

  /** `run`, which also tells every result on the way: where two engines differ first. */
  trace(
    inputs: Readonly<Record<string, OnnxInput>> | readonly OnnxInput[],
    seen: (name: string, value: Value) => void,
  ): void {
    this.#run(
      this.#inOrder(inputs).map((value) => withTensors(value)),
      seen,
    );
  }

  #inOrder(inputs: Readonly<Record<string, OnnxInput>> | readonly OnnxInput[]): readonly OnnxInput[] {
    if (Array.isArray(inputs)) return inputs as readonly OnnxInput[];
    const named = inputs as Readonly<Record<string, OnnxInput>>;
    const unknown = Object.keys(named).filter((name) => !this.inputs.some((input) => input.name === name));
    if (unknown.length === 0 && this.inputs.every(({ name }) => Object.hasOwn(named, name)))
      return this.inputs.map(({ name }) => named[name]);
    throw new TypeError(`importOnnx: inputs ${Object.keys(named).join(", ") || "none"} — ${this.#takes()}`);
  }

  #takes(): string {
    return `the model takes ${this.inputs.map(({ name }) => name).join(", ") || "none"}`;
  }

  #run(inputs: readonly Value[], seen?: (name: string, value: Value) => void): Value[] {
    if (inputs.length !== this.inputs.length)
      throw new TypeError(`importOnnx: ${inputs.length} inputs — ${this.#takes()}`);
    if (this.#checkShapes) for (const [i, declared] of this.inputs.entries()) checkShape(declared, inputs[i]);
    return new Runner(this.#plans, (key) => this.#stored(key), seen).run(inputs);
  }

  protected override describe(): string {
    return `${this.#plans.main.steps.length} nodes`;
  }
}

type Role = "parameter" | "buffer" | "constant";

function roleOf({ value: { dtype, shape, data }, uses, from }: Stored): Role {
  if (!isFloating(dtype)) return "constant";
  const isSetting = uses.length > 0 && uses.every((place) => place?.setting);
  if (from === "initializer") {
    if (shape.length === 0) return "constant";
    return isSetting ? "buffer" : "parameter";
  }
  if (from === "constant" || isSetting) return data.length <= FEW ? "constant" : "buffer";
  return data.length > 1 ? "parameter" : "constant";
}

/** Floats go onto the tensor heap, everything else stays as it is. */
function withTensors(value: Value): Value {
  if (!value || isTensor(value) || isSequence(value)) return value;
  return value.dtype === "float32" || value.dtype === "float64"
    ? fromArray(value.data as Float32Array, [...value.shape], { dtype: value.dtype as DType })
    : value;
}

/** Whole numbers of a tensor are int32: as the type that the file declares. */
function declared(value: Value, dtype: ElementName | null): Value {
  if (!value || isSequence(value) || !dtype || value.dtype === dtype) return value;
  const isWhole = !isFloating(value.dtype) && !isFloating(dtype);
  return isWhole ? castHost(hostOf(value), dtype) : value;
}
