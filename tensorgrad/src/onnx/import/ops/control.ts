import { cat } from "../../../01-tensor/index.ts";
import type { Message } from "../../format/schema.ts";
import { graph, int, ints, required } from "../attributes.ts";
import { moved, movedTogether } from "../moved.ts";
import { type Context, type Family, op } from "../operator.ts";
import {
  dimIn,
  hostNumbers,
  isSequence,
  numberIn,
  rankOf,
  sequenceIn,
  shapeOf,
  type Value,
} from "../values.ts";

/** A loop that has not ended by then will not end. */
const MOST_ROUNDS = 2 ** 16;

const isTrue = (value: Value): boolean => numberIn(value) !== 0;

/** Values of all rounds along a new dim. */
function stacked(values: readonly Value[], dim = 0): Value {
  if (values.length === 0) return hostNumbers("float32", [0], []);
  if (isSequence(values[0])) return { items: values };
  const at = dim < 0 ? dim + rankOf(values[0]) + 1 : dim;
  return movedTogether(values, (x) => [
    cat(
      x.map((one) => one.unsqueeze(at)),
      at,
    ),
  ])[0];
}

/** Adds the results of one round to those of the rounds before. */
function addRound(rounds: Value[][], results: readonly Value[]): void {
  for (const [k, value] of results.entries()) {
    rounds[k] ??= [];
    rounds[k].push(value);
  }
}

/** Rounds until a count is reached or the body says stop: values that go around, and values of every round. */
function loop(
  [count, condition, ...initial]: readonly Value[],
  body: Message<"Graph">,
  context: Context,
): Value[] {
  const most = count ? numberIn(count) : Infinity;
  const scans: Value[][] = [];
  let state: readonly Value[] = initial;
  let goesOn = condition ? isTrue(condition) : true;
  for (let i = 0; i < most && goesOn; i++) {
    if (i === MOST_ROUNDS) throw new RangeError(`${MOST_ROUNDS} rounds and no end — a loop ends by then`);
    const inputs = [hostNumbers("int64", [], [i]), hostNumbers("bool", [], [1]), ...state];
    const [next, ...results] = context.call(body, inputs);
    goesOn = isTrue(next);
    state = results.slice(0, initial.length);
    addRound(scans, results.slice(initial.length));
  }
  const rest = Math.max(0, context.outputs - initial.length);
  return [...state, ...Array.from({ length: rest }, (_, k) => stacked(scans[k] ?? []))];
}

interface ScanAttributes {
  readonly body: Message<"Graph">;
  readonly num_scan_inputs: number;
  readonly scan_input_axes: readonly number[] | undefined;
  readonly scan_input_directions: readonly number[] | undefined;
  readonly scan_output_axes: readonly number[] | undefined;
  readonly scan_output_directions: readonly number[] | undefined;
}

/** The body once per place of the scanned inputs: states go around, outputs are put side by side. */
function scan(values: readonly Value[], a: ScanAttributes, context: Context): Value[] {
  const states = values.length - a.num_scan_inputs;
  const scanned = values.slice(states);
  const dims = scanned.map((value, k) => dimIn(a.scan_input_axes?.[k] ?? 0, rankOf(value)));
  const length = shapeOf(scanned[0])[dims[0]];
  const results: Value[][] = [];
  let state: readonly Value[] = values.slice(0, states);
  for (let i = 0; i < length; i++) {
    const parts = scanned.map((value, k) => {
      const at = a.scan_input_directions?.[k] ? length - 1 - i : i;
      return moved(value, (t) => t.select(dims[k], at));
    });
    const outputs = context.call(a.body, [...state, ...parts]);
    state = outputs.slice(0, states);
    addRound(results, outputs.slice(states));
  }
  const whole = results.map((list, k) =>
    stacked(a.scan_output_directions?.[k] ? list.toReversed() : list, a.scan_output_axes?.[k] ?? 0),
  );
  return [...state, ...whole];
}

/** At first, Scan ran over every sequence of a batch by itself, in dim 1. */
function scanOfBatch([lengths, ...values]: readonly Value[], a: ScanAttributes, context: Context): Value[] {
  if (lengths) throw new TypeError("sequence_lens — sequences of unequal length are not known here");
  const count = shapeOf(values[0])[0];
  const runs = Array.from({ length: count }, (_, b) =>
    scan(
      values.map((value) => moved(value, (t) => t.select(0, b))),
      a,
      context,
    ),
  );
  return runs[0].map((_, k) => stacked(runs.map((run) => run[k])));
}

const scanning = { body: required(graph()), num_scan_inputs: required(int()) };

/** Graphs within graphs. */
export const control: Family = {
  If: [
    op(1, "cond", { then_branch: required(graph()), else_branch: required(graph()) }, ([cond], a, context) =>
      context.call(isTrue(cond) ? a.then_branch : a.else_branch, []),
    ),
  ],
  Loop: [
    op(1, "M? cond? v_initial*", { body: required(graph()) }, (x, { body }, context) =>
      loop(x, body, context),
    ),
  ],
  Scan: [
    op(
      8,
      "sequence_lens? initial_state_and_scan_inputs*",
      { ...scanning, directions: ints() },
      (x, a, context) =>
        scanOfBatch(
          x,
          {
            ...a,
            scan_input_axes: undefined,
            scan_input_directions: a.directions,
            scan_output_axes: undefined,
            scan_output_directions: undefined,
          },
          context,
        ),
    ),
    op(
      9,
      "initial_state_and_scan_inputs*",
      {
        ...scanning,
        scan_input_axes: ints(),
        scan_input_directions: ints(),
        scan_output_axes: ints(),
        scan_output_directions: ints(),
      },
      (x, a, context) => scan(x, a, context),
    ),
  ],
  SequenceMap: [
    op(
      17,
      "input_sequence additional_inputs*",
      { body: required(graph()) },
      ([first, ...others], { body }, context) => {
        const rounds = sequenceIn(first).map((item, i) =>
          context.call(body, [item, ...others.map((value) => (isSequence(value) ? value.items[i] : value))]),
        );
        return Array.from({ length: context.outputs }, (_, k) => ({
          items: rounds.map((round) => round[k]),
        }));
      },
    ),
  ],
};
