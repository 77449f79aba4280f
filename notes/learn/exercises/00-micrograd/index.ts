import type { Exercise } from "../../exercise.ts";
import { exercise as cost } from "./micrograd-cost.ts";
import { exercise as mlp } from "./micrograd-mlp.ts";
import { exercise as mul } from "./micrograd-mul.ts";
import { exercise as neuron } from "./micrograd-neuron.ts";
import { exercise as nodes } from "./micrograd-nodes.ts";
import { exercise as order } from "./micrograd-order.ts";
import { exercise as pow } from "./micrograd-pow.ts";
import { exercise as propagate } from "./micrograd-propagate.ts";
import { exercise as read } from "./micrograd-read.ts";
import { exercise as sort } from "./micrograd-sort.ts";
import { exercise as trace } from "./micrograd-trace.ts";
import { exercise as weights } from "./micrograd-weights.ts";

/** The exercises of micrograd, in their order. */
export const exercises: readonly Exercise[] = [
  mul,
  pow,
  propagate,
  sort,
  order,
  trace,
  neuron,
  weights,
  mlp,
  nodes,
  cost,
  read,
];
