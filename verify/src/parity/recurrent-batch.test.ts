import { Random, randint, randn } from "tensorgrad";
import { Embedding, GRU, Linear, LSTM, RNN, Sequential } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { parity } from "./parity.ts";

const random = new Random(5);
const networks = { RNN, LSTM, GRU };
const settings = {
  "one layer": {},
  "no biases": { bias: false },
  "two layers in both directions": { numLayers: 2, bidirectional: true },
} as const;

// Their first states are zeros, which nobody gives: the exported operators have to make them, for as many sequences as come.
describe.each(Object.entries(networks))("an exported %s without given states", (_, Network) => {
  it.each(Object.entries(settings))(
    "computes the same for any number of sequences: %s",
    async (_, options) => {
      const directions = "bidirectional" in options ? 2 : 1;
      const model = new Sequential(
        new Embedding(9, 4, { random }),
        new Network(4, 3, { batchFirst: true, random, ...options }),
        new Linear(3 * directions, 2, { random }),
      );
      const report = await parity(model, randint(0, 9, [8, 5], { random }));
      expect(report.passed).toBe(true);
      expect(report.model.batch).toBe("dynamic");
      expect(report.batches.map(({ batch }) => batch)).toEqual([1, 7]);
    },
  );

  it("computes the same for any number of steps, where these come first", async () => {
    const report = await parity(
      new Network(4, 3, { random, bidirectional: true }),
      randn([5, 2, 4], { random }),
    );
    expect(report.passed).toBe(true);
    expect(report.model.batch).toBe("dynamic");
  });
});
