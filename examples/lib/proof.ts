import type { Tensor } from "tensorgrad";
import type { Module } from "tensorgrad/nn";
import { atLeast, atMost } from "./options.ts";

/**
 * Probes that a network has learned, and not merely run: its weights moved, every one of them had a part in it, and
 * the loss is what somebody else computes.
 */
export interface Proof {
  /** ‖w_after − w_before‖ / ‖w_before‖ over all parameters together. */
  moved: number;
  /** Parameters that received no gradient, or only zeros, in the step that was watched. */
  idle: string[];
  /** The loss as the training code has it, and recomputed from the outputs in plain JavaScript. */
  loss: { engine: number; recomputed: number };
}

/** A copy of all parameters on the JavaScript side, to compare with later. */
export const snapshot = (model: Module): Map<string, Float64Array> =>
  new Map(model.namedParameters().map(([name, p]) => [name, Float64Array.from(p.data)]));

export function moved(model: Module, before: ReadonlyMap<string, Float64Array>): number {
  let [change, norm] = [0, 0];
  for (const [name, p] of model.namedParameters()) {
    const old = before.get(name) as Float64Array;
    p.data.forEach((value, i) => {
      change += (value - old[i]) ** 2;
      norm += old[i] ** 2;
    });
  }
  return Math.sqrt(change / norm);
}

/** Names of the parameters whose gradient, as it lies there now, is absent or zero everywhere. */
export const idleParameters = (model: Module): string[] =>
  model
    .namedParameters()
    .filter(([, p]) => !p.grad?.data.some((value) => value !== 0))
    .map(([name]) => name);

/** Mean of −log softmax(logits)[target] in float64: cross-entropy as in a textbook, sharing no code with the engine. */
export function crossEntropyByHand(logits: Tensor, targets: ArrayLike<number>): number {
  const [rows, classes] = logits.shape;
  const values = logits.data;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const row = Array.from(values.subarray(i * classes, (i + 1) * classes));
    const largest = Math.max(...row);
    const sum = row.reduce((s, value) => s + Math.exp(value - largest), 0);
    total += Math.log(sum) + largest - row[targets[i]];
  }
  return total / rows;
}

/** Mean of −log p for targets 1 and −log(1 − p) for targets 0, in float64. */
export function binaryCrossEntropyByHand(probabilities: Tensor, targets: ArrayLike<number>): number {
  const values = probabilities.data;
  let total = 0;
  for (let i = 0; i < values.length; i++) total -= Math.log(targets[i] > 0.5 ? values[i] : 1 - values[i]);
  return total / values.length;
}

/** What `finish` should report as missed. */
export function proofMisses({ moved, idle, loss }: Proof): string[] {
  const difference = Math.abs(loss.engine - loss.recomputed) / Math.max(1e-3, loss.recomputed);
  return [
    ...atLeast("movement of the weights over their norm", moved, 0.25),
    ...atMost("parameters without a gradient", idle.length, 0),
    ...atMost("relative difference of the loss to the recomputed one", difference, 1e-4),
  ];
}

/** The probes as rows of a table. */
export const proofRows = ({ moved, idle, loss }: Proof): string[][] => [
  ["distance the weights moved, over their norm", moved.toFixed(2)],
  ["parameters without a gradient", String(idle.length)],
  ["loss of the engine, nats", loss.engine.toFixed(6)],
  ["loss recomputed in plain JavaScript, nats", loss.recomputed.toFixed(6)],
];
