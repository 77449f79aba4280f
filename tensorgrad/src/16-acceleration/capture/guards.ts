import { choices, counted, expectArgument, INSPECT, isList } from "../../00-runtime/index.ts";
import { isRecording, type Tensor } from "../../01-tensor/index.ts";
import { layersOf, type Module } from "../../03-layers/index.ts";
import type { Recorded } from "./record.ts";
import { type Block, shown } from "./recording.ts";
import { type Flat, isPlainObject } from "./values.ts";

/** One property of a module, as it was. */
interface Property {
  readonly of: object;
  readonly key: string;
  readonly value: unknown;
}

/** What must be as it was when a step was recorded, for the recording to stand for it. */
export class CaptureGuards {
  readonly #args: Flat;
  readonly #layouts: readonly Pick<Tensor, "dtype" | "shape" | "strides">[];
  readonly #recorded: Recorded;
  readonly #gradients = isRecording();
  readonly #choices = choices;
  readonly #required: readonly boolean[];
  readonly #hooks: readonly Tensor["hooks"][];
  readonly #properties: readonly Property[];
  readonly #outside: readonly Block[];

  constructor(args: Flat, recorded: Recorded) {
    const fits = isList(args?.tensors) && isList(recorded?.leaves);
    expectArgument(fits, "CaptureGuards", "recorded", recorded, "what capture(…) recorded");
    this.#args = args;
    this.#layouts = args.tensors.map(({ dtype, shape, strides }) => ({ dtype, shape, strides }));
    this.#recorded = recorded;
    this.#required = recorded.leaves.map(({ tensor }) => tensor.requiresGrad);
    this.#hooks = recorded.leaves.map(({ tensor }) => tensor.hooks);
    this.#properties = propertiesOf(recorded.recording.modules);
    const gradients = new Set(recorded.leaves.map(({ block }) => block));
    this.#outside = [...recorded.recording.blocks.values()].filter(
      (block) => block.origin === "outside" && !gradients.has(block) && !block.storage.freed,
    );
  }

  [INSPECT](): string {
    return `CaptureGuards(${counted(this.#layouts.length, "argument")}, ${counted(this.#properties.length, "property")})`;
  }

  /** Whether these arguments look the same: the part that says which recording is meant. */
  fit(args: Flat): boolean {
    const { form, others } = this.#args;
    if (args.form !== form || isRecording() !== this.#gradients || choices !== this.#choices) return false;
    for (let i = 0; i < others.length; i++) if (!Object.is(others[i], args.others[i])) return false;
    for (let i = 0; i < this.#layouts.length; i++) {
      const [x, y] = [args.tensors[i], this.#layouts[i]];
      if (x.dtype !== y.dtype || !equal(x.shape, y.shape) || !equal(x.strides, y.strides)) return false;
    }
    return this.#gradientsBeginAlike();
  }

  #gradientsBeginAlike(): boolean {
    for (const { tensor, begins } of this.#recorded.leaves)
      if ((tensor.grad !== null) !== begins) return false;
    return true;
  }

  /** What else the step uses and is no longer as it was; null if all is. */
  change(): string | null {
    const { leaves, recording } = this.#recorded;
    for (let i = 0; i < leaves.length; i++) {
      const { tensor, block } = leaves[i];
      if (tensor.hooks !== this.#hooks[i]) return `hooks of a parameter ${shown(tensor)}`;
      if (tensor.requiresGrad !== this.#required[i]) return `requiresGrad of a parameter ${shown(tensor)}`;
      if (block !== null && tensor.grad?.storage.block.pointer !== block.pointer)
        return `where the gradient of a parameter ${shown(tensor)} is`;
    }
    for (const { of, key, value } of this.#properties)
      if ((of as Record<string, unknown>)[key] !== value) return `${key} of ${of.constructor.name}`;
    for (const { storage, pointer } of this.#outside)
      if (storage.block.pointer !== pointer) return `a ${storage.dtype} tensor from outside was freed`;
    for (const holds of recording.conditions) if (!holds()) return "filters that were kept in another form";
    return null;
  }
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Of all layers that took part, and of those below them: modes, settings, parameters, and which layers there are. */
function propertiesOf(modules: Iterable<Module>): Property[] {
  const all = new Set<object>();
  for (const module of modules) for (const [part] of layersOf(module)) all.add(part);
  return [...all].flatMap((of) =>
    Object.entries(of).flatMap(([key, value]) => [{ of, key, value }, ...partsOf(value)]),
  );
}

/** What lies in a list or a plain object of settings. */
function partsOf(value: unknown): Property[] {
  if (Array.isArray(value)) return [{ of: value, key: "length", value: value.length }, ...entriesOf(value)];
  return isPlainObject(value) ? entriesOf(value) : [];
}

const entriesOf = (of: object): Property[] => Object.entries(of).map(([key, value]) => ({ of, key, value }));
