import { TinyShakespeare } from "tensorgrad/data/node";
import { describe, expect, it } from "vitest";
import { type CountedModel, KneserNey, surprises, WittenBell } from "./ngrams.ts";

describe.skipIf(!process.env.TENSORGRAD_DATA)("the bars of milestone 4", () => {
  it("are as measured elsewhere, on all 111,540 validation characters", async () => {
    const text = await TinyShakespeare.load({ download: false });
    const [train, validation] = text.split();
    const score = (model: CountedModel): number => {
      const scores = surprises(model, text.ids(), train.length);
      expect(scores.length).toBe(validation.length);
      return scores.reduce((sum, nats) => sum + nats, 0) / scores.length;
    };
    const { length: vocabSize } = text.alphabet;
    const bars = [new WittenBell(train.ids(), vocabSize), new KneserNey(train.ids(), vocabSize, 4)].map(
      score,
    );
    expect(bars[0]).toBeCloseTo(2.486, 2);
    expect(bars[1]).toBeCloseTo(1.719, 2);
  });
});
