import { TinyShakespeare } from "tensorgrad/data/node";
import { describe, expect, it } from "vitest";
import { KneserNey } from "../../../../examples/lib/ngrams.ts";
import { openWriter } from "./files.fixture.ts";

describe("the counted rows", () => {
  const writer = openWriter();

  it("counts as the training text does, where it is there", async (context) => {
    const text = await TinyShakespeare.load().catch(() => null);
    if (!text) context.skip("no text: TENSORGRAD_DATA names the folder that has it");
    else {
      const [train] = text.split();
      const { alphabet } = writer.facts;
      const model = new KneserNey(train.ids(), alphabet.length, 3);
      const { chances, times, history } = writer.count("What is th", 3);
      expect([history, times]).toEqual(["th", train.text.split("th").length - 1]);
      const ids = train.ids(history);
      for (const [id, chance] of chances.entries()) expect(chance).toBe(model.probability(ids, id));
    }
  });
});
