import { isPlain, type Layer, Module, Residual, Sequential } from "../../03-layers/index.ts";
import { BasicBlock } from "../../09-spatial/index.ts";
import { ADDED } from "./part.ts";

/** A layer with its path. */
export interface Link {
  readonly name: string;
  readonly layer: Layer;
}

/** Layers of which each reads what the one before has written, and nothing else does. */
export interface Chain {
  readonly links: readonly Link[];
  /** Why the last one's outputs cannot leave. */
  readonly end: string;
}

/** All chains of a model: its Sequentials, those in them opened; what other modules do between their parts is not known. */
export function chainsOf(model: Module): Chain[] {
  const chains: Chain[] = [];
  const visit = (module: Module, name: string, end: string): void => {
    const isChain = module.forward === Sequential.prototype.forward || isPlain(module, Residual);
    const links = isChain ? linksOf(module as Sequential, name) : childrenOf(module, name);
    if (isChain) chains.push({ links, end: isPlain(module, Residual) ? ADDED : end });
    for (const { name, layer } of links)
      if (layer instanceof Module && !isLeaf(layer)) visit(layer, name, endIn(module));
  };
  visit(model, "", "it is what the model gives, and all of it is wanted");
  return chains;
}

const isLeaf = (layer: Module): boolean => layer.children().length === 0;

/** What happens to the last output of a part of a module that is no chain. */
const endIn = (module: Module): string =>
  module instanceof BasicBlock
    ? ADDED
    : `its output goes into ${module.constructor.name}, whose forward may add it to another's`;

const joined = (path: string, name: string): string => (path ? `${path}.${name}` : name);

const childrenOf = (module: Module, path: string): Link[] =>
  module.children().map(([name, layer]) => ({ name: joined(path, name), layer }));

/** The layers of a Sequential; those of a Sequential in it in its place. */
const linksOf = (module: Sequential, path: string): Link[] =>
  module.layers.flatMap((layer, i) => {
    const name = joined(path, String(i));
    return layer instanceof Sequential && layer.forward === Sequential.prototype.forward
      ? linksOf(layer, name)
      : [{ name, layer }];
  });
