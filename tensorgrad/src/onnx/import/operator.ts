import type { Message } from "../format/schema.ts";
import type { Attributes, ValuesOf } from "./attributes.ts";
import type { Value } from "./values.ts";

/** What an operator knows of the place in which it runs. */
export interface Context {
  readonly opset: number;
  /** How many results are used. */
  readonly outputs: number;
  /** Runs a graph that is an attribute of the node: it sees the values around it. */
  call(graph: Message<"Graph">, inputs: readonly Value[]): Value[];
}

type Evaluate<A> = (x: Value[], attributes: ValuesOf<A>, context: Context) => Value | readonly Value[];

/** One input of an operator. */
export interface Place {
  readonly name: string;
  readonly optional: boolean;
  readonly variadic: boolean;
  /** A number that training leaves alone: running statistics, bounds, scales of a quantization. */
  readonly setting: boolean;
}

/** An operator as it is since some opset. */
export interface Version {
  readonly since: number;
  readonly places: readonly Place[];
  readonly attributes: Attributes;
  readonly run: (
    x: Value[],
    attributes: Record<string, unknown>,
    context: Context,
  ) => Value | readonly Value[];
}

/** Versions of an operator, the oldest first. */
export type Operator = readonly Version[];
export type Family = Readonly<Record<string, Operator>>;

/**
 * An operator as it is since an opset.
 *
 * @param inputs   their names in ONNX; `?` may be left out, `*` any number of them, `=` a setting that is not trained
 */
export function op<A extends Attributes>(
  since: number,
  inputs: string,
  attributes: A,
  run: Evaluate<A>,
): Version {
  return { since, places: placesOf(inputs), attributes, run: run as Version["run"] };
}

const placesOf = (inputs: string): Place[] =>
  inputs
    .split(" ")
    .filter((name) => name !== "")
    .map((spec) => ({
      name: spec.replaceAll(/[?*=]/g, ""),
      optional: /[?*]/.test(spec),
      variadic: spec.includes("*"),
      setting: spec.includes("="),
    }));

/** The version of an operator that an opset means; undefined if it is younger than the opset. */
export const versionAt = (operator: Operator, opset: number): Version | undefined =>
  operator.findLast(({ since }) => since <= opset);

/** The place of input number i; the last one of a variadic operator stands for all that follow. */
export const placeOf = ({ places }: Version, i: number): Place | undefined =>
  places[i] ?? (places.at(-1)?.variadic ? places.at(-1) : undefined);
