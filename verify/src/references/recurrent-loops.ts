import { fromArray, type Tensor } from "tensorgrad";
import { differs } from "../gradients/differs.ts";
import { normals, type Reference } from "./reference.ts";

/** The definitions of recurrent networks in plain loops: one sequence, one number at a time. */

/** h, and c where there is one, of one sequence. */
export type State = readonly (readonly number[])[];

/** One step, from W·x + b and R·h + b′, block after block, for unit j: the new h, and c. */
export type Cell = (
  x: (block: number) => number,
  hidden: (block: number) => number,
  before: readonly number[],
) => number[];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const plain: Cell = (x, hidden) => [Math.tanh(x(0) + hidden(0))];

export const lstm: Cell = (x, hidden, [, c]) => {
  const [i, f, g, o] = [0, 1, 2, 3].map((block) => x(block) + hidden(block));
  const next = sigmoid(f) * c + sigmoid(i) * Math.tanh(g);
  return [sigmoid(o) * Math.tanh(next), next];
};

export const gru: Cell = (x, hidden, [h]) => {
  const [r, z] = [0, 1].map((block) => sigmoid(x(block) + hidden(block)));
  return [(1 - z) * Math.tanh(x(2) + r * hidden(2)) + z * h];
};

interface Settings {
  readonly blocks: number;
  readonly states: 1 | 2;
  readonly cell: Cell;
}

type Make = (course: { reverse: boolean; given: boolean; lengths: boolean; final: boolean }) => {
  apply(...inputs: Tensor[]): Tensor;
};

const [T, B, INPUTS, H] = [4, 3, 2, 3];

/** Both directions, with sequences that end early: outputs are 0 after the end, final states those after the last step. */
export const byLoops =
  (make: Make, { blocks, states, cell }: Settings): Reference =>
  (random) => {
    const shapes = [
      [T, B, INPUTS],
      ...[[blocks * H, INPUTS], [blocks * H, H], [blocks * H], [blocks * H]],
      ...Array.from({ length: states }, () => [B, H]),
    ];
    const inputs = shapes.map((shape) => normals(random, shape));
    const lengths = [1, T, 1 + Math.floor(T * random.uniform())]; // of B sequences: the shortest, the longest, any
    for (const reverse of [false, true]) {
      const course = { reverse, given: true, lengths: true, final: true };
      const found = make(course).apply(...inputs, fromArray(Int32Array.from(lengths), [B]));
      const expected = new Float64Array((T + states) * B * H);
      for (const [b, length] of lengths.entries()) oneSequence(expected, inputs, b, length, reverse, cell);
      const wrong = differs(reverse ? "a sequence read backwards" : "a sequence", found, expected);
      if (wrong) return wrong;
    }
    return null;
  };

function oneSequence(
  y: Float64Array,
  [x, W, R, bW, bR, ...initial]: readonly Tensor[],
  b: number,
  length: number,
  reverse: boolean,
  cell: Cell,
): void {
  let state: State = initial.map(({ data }) => Array.from(data.subarray(b * H, (b + 1) * H)));
  for (let i = 0; i < length; i++) {
    const t = reverse ? length - 1 - i : i;
    const before = state;
    const units = Array.from({ length: H }, (_, j) => {
      const fromInput = (block: number) => {
        let sum = bW.data[block * H + j];
        for (let k = 0; k < INPUTS; k++)
          sum += W.data[(block * H + j) * INPUTS + k] * x.data[(t * B + b) * INPUTS + k];
        return sum;
      };
      const fromHidden = (block: number) => {
        let sum = bR.data[block * H + j];
        for (let k = 0; k < H; k++) sum += R.data[(block * H + j) * H + k] * before[0][k];
        return sum;
      };
      return cell(
        fromInput,
        fromHidden,
        before.map((part) => part[j]),
      );
    });
    state = initial.map((_, s) => units.map((unit) => unit[s]));
    y.set(state[0], (t * B + b) * H);
  }
  for (const [s, part] of state.entries()) y.set(part, ((T + s) * B + b) * H);
}
