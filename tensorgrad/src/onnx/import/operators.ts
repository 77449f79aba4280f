import type { Family, Operator } from "./operator.ts";
import { activations } from "./ops/activations.ts";
import { arithmetic } from "./ops/arithmetic.ts";
import { attending } from "./ops/attention.ts";
import { control } from "./ops/control.ts";
import { convolutions } from "./ops/convolution.ts";
import { detection } from "./ops/detection.ts";
import { indexing } from "./ops/indexing.ts";
import { logic } from "./ops/logic.ts";
import { losses } from "./ops/losses.ts";
import { making } from "./ops/make.ts";
import { normalization } from "./ops/normalization.ts";
import { order } from "./ops/order.ts";
import { pooling } from "./ops/pooling.ts";
import { products } from "./ops/products.ts";
import { quantization } from "./ops/quantize.ts";
import { recurrent } from "./ops/recurrent.ts";
import { reductions } from "./ops/reduce.ts";
import { resizing } from "./ops/resize.ts";
import { sequences } from "./ops/sequences.ts";
import { shapes } from "./ops/shape.ts";
import { signal } from "./ops/signal.ts";
import { words } from "./ops/text.ts";
import { trainingSteps } from "./ops/training.ts";
import { mathematics } from "./ops/unary.ts";

/** Every operator that is imported, by its name in ONNX; those of other domains have the domain before the name. */
export const operators: Readonly<Record<string, Operator>> = joined(
  activations,
  arithmetic,
  attending,
  indexing,
  logic,
  making,
  mathematics,
  convolutions,
  normalization,
  order,
  pooling,
  control,
  losses,
  quantization,
  recurrent,
  resizing,
  sequences,
  detection,
  signal,
  trainingSteps,
  words,
  products,
  reductions,
  shapes,
);

/** Opsets of ONNX that are read. */
export const opsets = { from: 1, to: 24 } as const;

function joined(...families: readonly Family[]): Record<string, Operator> {
  const all = Object.create(null) as Record<string, Operator>;
  for (const [name, operator] of families.flatMap((family) => Object.entries(family))) {
    if (name in all) throw new Error(`two entries for the operator ${name}`);
    all[name] = operator;
  }
  return all;
}
