import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { RNN } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

// In float64, which the plain loops compute.

/** An RNN that adds up what it reads. */
function adding(): RNN {
  const rnn = new RNN(1, 1, { bias: false, nonlinearity: "relu", batchFirst: false });
  for (const p of rnn.parameters()) p.assign(tensor([[1]]));
  return rnn.to("float64");
}

/** Final states, and outputs step by step, of sequences side by side; 100 fills up. */
function read(
  sequences: number[][],
  lengths: number[],
): { readonly final: number[]; readonly outputs: number[][] } {
  const steps = Math.max(...sequences.map(({ length }) => length));
  const x = Array.from({ length: steps }, (_, t) => sequences.map((one) => [one[t] ?? 100]));
  const { output, state } = adding().run(tensor(x, { dtype: "float64" }), {
    lengths: tensor(lengths, { dtype: "int32" }),
  });
  return { final: [...state[0].contiguous().data], outputs: output.squeeze(2).toArray() as number[][] };
}

const TWO = [[1, 2, 3, 4], [5]];
const THREE = [[1, 2], [3, 4, 5], [6]];

export const checks: Checks = {
  "a final state is that after the sequence's own last step": () => {
    assert.deepEqual(
      read(TWO, [4, 1]).final,
      [10, 5],
      `sums of 1 2 3 4 and of 5: ${read(TWO, [4, 1]).final}`,
    );
    assert.deepEqual(
      read(THREE, [2, 3, 1]).final,
      [3, 12, 6],
      `sums of three: ${read(THREE, [2, 3, 1]).final}`,
    );
  },
  "what stands behind the end gives 0": () => {
    const { outputs } = read(TWO, [4, 1]);
    assert.deepEqual(
      outputs.map(([, second]) => second),
      [5, 0, 0, 0],
      `the outputs of a sequence of one number are ${outputs.map(([, second]) => second)}`,
    );
  },
};

export const probes: Probes = () =>
  [() => read(TWO, [4, 1]), () => read(THREE, [2, 3, 1])].flatMap((run) =>
    attempt(() => {
      const { final, outputs } = run();
      return [...final, ...outputs.flat()];
    }),
  );
