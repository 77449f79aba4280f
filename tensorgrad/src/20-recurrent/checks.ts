import { ShapeError, show } from "../00-runtime/index.ts";
import { checking, fromArray, isTensor, type Shape, sameShape, type Tensor } from "../01-tensor/index.ts";

/** Sizes of layers are at least 1. */
export function checkSizes(call: string, inputSize: number, hiddenSize: number): void {
  if ([inputSize, hiddenSize].every((n) => Number.isInteger(n) && n >= 1)) return;
  throw new RangeError(`${call}(${inputSize} → ${hiddenSize}): sizes must be whole numbers, 1 or more`);
}

/** A misspelt option would be ignored silently. */
export function checkOptions(call: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  throw new TypeError(
    `${call}: option ${unknown.map((key) => `"${key}"`).join(", ")} — known are ${known.join(", ")}`,
  );
}

/** That x is a float tensor of one of these ranks, whose rows are as long as the layer's. */
export function checkInput(
  call: string,
  x: Tensor,
  ranks: readonly number[],
  said: string,
  width: number,
  weights: Tensor,
): void {
  if (!isTensor(x)) {
    const given = Array.isArray(x) ? "a list" : x === null ? "null" : typeof x;
    throw new TypeError(`${call}: input is ${given} — expected a tensor ${said}; make one with tensor(…)`);
  }
  if (!ranks.includes(x.rank) || x.shape.at(-1) !== width)
    throw new ShapeError(`${call}: expected input ${said}, got ${show(x.shape)}`);
  if (x.dtype !== weights.dtype) {
    const remedy = `x.to("${weights.dtype}")${x.isFloat ? ` or model.to("${x.dtype}")` : ""}`;
    throw new TypeError(
      `${call}: input ${x.dtype}, weights ${weights.dtype} — both must be the same; use ${remedy}`,
    );
  }
}

/** The initial states as a list: none, or as many as the kind has, each of this shape. */
export function checkedState(
  call: string,
  given: Tensor | readonly Tensor[] | undefined,
  count: number,
  shape: Shape,
  x: Tensor,
): readonly Tensor[] {
  if (given === undefined || (Array.isArray(given) && given.length === 0)) return [];
  const states = Array.isArray(given) ? (given as readonly Tensor[]) : [given as Tensor];
  const said = count === 2 ? "[h, c]" : "one tensor h";
  if (states.length !== count || !states.every(isTensor))
    throw new TypeError(
      `${call}: ${states.length} initial ${states.length === 1 ? "state" : "states"} — expected ${said}, ${show(shape)}${count === 2 ? " each" : ""}`,
    );
  for (const [s, state] of states.entries()) {
    const name = count === 2 ? ` ${"hc"[s]}` : "";
    if (!sameShape(state.shape, shape))
      throw new ShapeError(
        `${call}: initial state${name} ${show(state.shape)} for input ${show(x.shape)} — expected ${show(shape)}`,
      );
    if (state.dtype !== x.dtype)
      throw new TypeError(
        `${call}: input ${x.dtype}, initial state${name} ${state.dtype} — both must be the same; use state.to("${x.dtype}")`,
      );
  }
  return states;
}

/** One length per sequence, from 1 to T, as int32. */
export function checkedLengths(
  call: string,
  given: Tensor | readonly number[],
  B: number,
  T: number,
): Tensor {
  const shape = isTensor(given) ? given.shape : [given.length];
  if (!sameShape(shape, [B]))
    throw new ShapeError(
      `${call}: lengths ${show(shape)} for a batch of ${B} sequences — one length per sequence, [${B}]`,
    );
  if (isTensor(given)) checking([given], ({ data }) => checkNumbers(call, data, T));
  else checkNumbers(call, given, T);
  return isTensor(given) ? given.to("int32") : fromArray(Int32Array.from(given), [B]);
}

function checkNumbers(call: string, lengths: ArrayLike<number>, T: number): void {
  const wrong = Array.from(lengths).findIndex((n) => !(Number.isInteger(n) && n >= 1 && n <= T));
  if (wrong < 0) return;
  throw new RangeError(
    `${call}: length ${lengths[wrong]} of sequence ${wrong} — lengths are whole numbers from 1 to the ${T} steps of the input`,
  );
}
