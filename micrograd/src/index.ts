/** A scalar reverse-mode autodiff engine. Read value.ts first; the rest is built on it. */
export { type Step, toDot, toSvg, trace } from "./graph.ts";
export { Layer, MLP, Neuron, type Options } from "./nn.ts";
export { type Random, seeded } from "./random.ts";
export { type Pullback, topologicalSort, Value, v } from "./value.ts";
