import { Activation, Softmax } from "../../02-activations/index.ts";
import {
  Dropout,
  Flatten,
  isPlain,
  type Layer,
  Linear,
  type Module,
  Residual,
} from "../../03-layers/index.ts";
import {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  Conv1d,
  Conv2d,
  Dropout2d,
  MaxPool1d,
  MaxPool2d,
  Upsample,
} from "../../09-spatial/index.ts";
import { type Chain, chainsOf, type Link } from "./chains.ts";
import { ADDED, cutRows, lengths, type Part, type Parts, product, selected } from "./part.ts";

type Producer = Conv2d | Conv1d | Linear;
type Norm = BatchNorm1d | BatchNorm2d;

/** Who reads the channels of a layer. */
interface Readers {
  readonly norms: readonly Norm[];
  readonly reader: Producer;
  /** How many columns of the reader belong to a channel: pixels, after a Flatten. */
  readonly block: number;
}

/** Layers that leave every channel by itself, and have no numbers for each. */
const APART = [
  ...[Activation, Dropout, Dropout2d, MaxPool1d, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d, AdaptiveMaxPool2d],
  Upsample,
];
const isProducer = (layer: Layer): layer is Producer =>
  [Conv2d, Conv1d, Linear].some((type) => isPlain<Producer>(layer, type));
const isNorm = (layer: Layer): layer is Norm => isPlain(layer, BatchNorm2d) || isPlain(layer, BatchNorm1d);

/** The channels of all convolutions and the neurons of all lines that only the next layer of a chain reads. */
export function channelsOf(model: Module): Parts {
  const found: Parts = { parts: [], blocked: new Map() };
  const uses = new Map<Module, number>();
  for (const [, module] of model.modules()) uses.set(module, (uses.get(module) ?? 0) + 1);
  for (const chain of chainsOf(model)) {
    for (const [i, { name, layer }] of chain.links.entries()) {
      if (!isProducer(layer)) continue;
      const readers = readersOf(layer, chain, i);
      const shared = [layer, ...(typeof readers === "string" ? [] : [readers.reader, ...readers.norms])];
      if (typeof readers === "string") found.blocked.set(name, readers);
      else if (shared.some((module) => (uses.get(module) ?? 0) > 1))
        found.blocked.set(name, "it, or what reads it, stands in more than one place");
      else found.parts.push(new Channels(name, layer, readers));
    }
  }
  return found;
}

/** Who reads the outputs of layer i of a chain, or why they cannot leave. */
function readersOf(layer: Producer, { links, end }: Chain, i: number): Readers | string {
  if (groupsOf(layer) !== 1) return "its channels are in groups, which must stay equally large";
  const outputs = layer.weight.shape[0];
  const norms: Norm[] = [];
  let flat = false;
  for (const link of links.slice(i + 1)) {
    const next = link.layer;
    if (isPlain(next, Flatten) && next.start === 1) flat = true;
    else if (isNorm(next) && next.features === outputs && !flat) norms.push(next);
    else if (isProducer(next)) return read(layer, next, link, { norms, flat });
    else if (!APART.some((type) => next instanceof type) || next instanceof Softmax) return mixed(link);
  }
  return end;
}

const groupsOf = (layer: Producer): number => (layer instanceof Linear ? 1 : layer.options.groups);

function mixed({ name, layer }: Link): string {
  if (layer instanceof Residual) return ADDED;
  return `layer "${name}", ${layer.constructor.name}, reads it, and may do more than take each channel by itself`;
}

/** Whether one layer reads another's channels as its own, and in how many columns. */
function read(
  layer: Producer,
  reader: Producer,
  link: Link,
  { norms, flat }: { readonly norms: readonly Norm[]; readonly flat: boolean },
): Readers | string {
  const [outputs, inputs] = [layer.weight.shape[0], reader.weight.shape[1]];
  const block = inputs / outputs;
  const isAlike =
    layer.constructor === reader.constructor && (!flat || layer instanceof Linear) && block === 1;
  const isHead = !(layer instanceof Linear) && reader instanceof Linear && flat && Number.isInteger(block);
  if (groupsOf(reader) !== 1 || !(isAlike || isHead)) return mixed(link);
  return { norms, reader, block };
}

/**
 * The channels of a layer, which leave with the filters that make them, their norms and the columns that read them.
 *
 * The importance of a channel is the size of its output times the weight it has in the next layer: |gain| of its norm
 * times the length of its columns there. Without a norm, the length of its filter takes the place of the gain. That does
 * not change when one is scaled up and the other down, which a relu lets pass.
 */
class Channels implements Part {
  readonly name: string;
  readonly #layer: Producer;
  readonly #readers: Readers;

  constructor(name: string, layer: Producer, readers: Readers) {
    [this.name, this.#layer, this.#readers] = [name, layer, readers];
  }

  get kind(): "channels" | "neurons" {
    return this.#layer instanceof Linear ? "neurons" : "channels";
  }

  get size(): number {
    return this.#layer.weight.shape[0];
  }

  scores(): Float64Array {
    const { norms, reader, block } = this.#readers;
    const heard = lengths(reader.weight, 1, block);
    const gains = norms.flatMap(({ weight }) => (weight ? [lengths(weight, 0)] : []));
    return product(heard, ...(norms.length > 0 ? gains : [lengths(this.#layer.weight, 0)]));
  }

  cut(kept: readonly number[]): void {
    const { norms, reader, block } = this.#readers;
    cutRows(this.#layer, ["weight", "bias"], kept);
    for (const norm of norms) {
      cutRows(norm, ["weight", "bias", "runningMean", "runningVar"], kept);
      Object.assign(norm, { features: kept.length });
    }
    Object.assign(reader, { weight: selected(reader.weight, 1, kept, block) });
  }
}
