import { cat } from "../../../01-tensor/index.ts";
import { int, required } from "../attributes.ts";
import { moved, movedTogether } from "../moved.ts";
import { type Family, op } from "../operator.ts";
import {
  dimIn,
  hostNumbers,
  numberIn,
  numbersOf,
  rankOf,
  sequenceIn,
  shapeOf,
  type Value,
} from "../values.ts";

/** A place in a sequence, counted from either end; `most` is the last one. */
function placeIn(value: Value, fallback: number, length: number, most: number): number {
  const given = value ? numberIn(value) : fallback;
  const place = given < 0 ? given + length : given;
  if (place >= 0 && place <= most) return place;
  throw new RangeError(`place ${given} in a sequence of ${length} — a place is from ${-length} to ${most}`);
}

/** Parts of one size, or of many; without sizes, one by one. */
function parts(x: Value, sizes: Value, axis: number, keepdims: number): Value[] {
  const dim = dimIn(axis, rankOf(x));
  const n = shapeOf(x)[dim];
  const numbers = sizes ? Array.from(numbersOf(sizes)) : [1];
  const isList = sizes ? rankOf(sizes) > 0 : false;
  const lengths: number[] = [];
  const each = numbers[0];
  if (!isList && !(each >= 1)) throw new RangeError(`parts of ${each} — a part has 1 or more`);
  if (isList) lengths.push(...numbers);
  else for (let start = 0; start < n; start += each) lengths.push(Math.min(each, n - start));
  let start = 0;
  return lengths.map((length) => {
    const at = start;
    start += length;
    return moved(x, (t) => (sizes || keepdims ? t.narrow(dim, at, length) : t.select(dim, at)));
  });
}

/** Lists of tensors, and values that may be missing. */
export const sequences: Family = {
  SequenceEmpty: [op(11, "", { dtype: int() }, () => ({ items: [] }))],
  SequenceConstruct: [op(11, "inputs*", {}, (items) => ({ items }))],
  SequenceInsert: [
    op(11, "input_sequence tensor position?", {}, ([sequence, x, position]) => {
      const items = sequenceIn(sequence);
      return { items: items.toSpliced(placeIn(position, items.length, items.length, items.length), 0, x) };
    }),
  ],
  SequenceErase: [
    op(11, "input_sequence position?", {}, ([sequence, position]) => {
      const items = sequenceIn(sequence);
      return {
        items: items.toSpliced(placeIn(position, items.length - 1, items.length, items.length - 1), 1),
      };
    }),
  ],
  SequenceAt: [
    op(11, "input_sequence position", {}, ([sequence, position]) => {
      const items = sequenceIn(sequence);
      return items[placeIn(position, 0, items.length, items.length - 1)];
    }),
  ],
  SequenceLength: [
    op(11, "input_sequence", {}, ([sequence]) => hostNumbers("int64", [], [sequenceIn(sequence).length])),
  ],
  SplitToSequence: [
    op(11, "input split?", { axis: int(0), keepdims: int(1) }, ([x, sizes], { axis, keepdims }) => ({
      items: parts(x, sizes, axis, keepdims),
    })),
  ],
  ConcatFromSequence: [
    op(11, "input_sequence", { axis: required(int()), new_axis: int(0) }, ([sequence], a) => {
      const items = sequenceIn(sequence);
      const rank = rankOf(items[0]) + a.new_axis;
      const dim = dimIn(a.axis, rank);
      return movedTogether(items, (x) => [cat(a.new_axis ? x.map((t) => t.unsqueeze(dim)) : x, dim)])[0];
    }),
  ],
  OptionalGetElement: [
    op(15, "input", {}, ([x]) => {
      if (x === null)
        throw new TypeError("an optional value that is not there — ask OptionalHasElement first");
      return x;
    }),
  ],
  OptionalHasElement: [op(15, "input?", {}, ([x]) => hostNumbers("bool", [], [x == null ? 0 : 1]))],
};
