import { isTensor, type Tensor } from "../../01-tensor/index.ts";

/** What a step takes or gives: tensors, alone or in lists and plain objects; everything else counts as it is. */
export interface Flat {
  readonly tensors: readonly Tensor[];
  /** How they lay in their lists and objects: `[T0, {x: T1, y: T0}]`. A tensor that comes twice has one number. */
  readonly form: string;
  /** Numbers, texts, functions …, in the order in which they were met. */
  readonly others: readonly unknown[];
}

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value));

export function flat(value: unknown): Flat {
  const tensors: Tensor[] = [];
  const others: unknown[] = [];
  const form = formOf(value, tensors, others);
  return { tensors, form, others };
}

function formOf(value: unknown, tensors: Tensor[], others: unknown[]): string {
  if (isTensor(value)) {
    const known = tensors.indexOf(value);
    return `T${known < 0 ? tensors.push(value) - 1 : known}`;
  }
  if (Array.isArray(value)) return `[${value.map((one) => formOf(one, tensors, others)).join()}]`;
  if (isPlainObject(value)) {
    const entries = Object.entries(value).map(([key, one]) => `${key}:${formOf(one, tensors, others)}`);
    return `{${entries.join()}}`;
  }
  others.push(value);
  return "?";
}

/** The same lists and objects with other tensors in them. */
export function withTensors(value: unknown, other: (x: Tensor) => Tensor): unknown {
  if (isTensor(value)) return other(value);
  if (Array.isArray(value)) return value.map((one) => withTensors(one, other));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withTensors(one, other)]));
}
