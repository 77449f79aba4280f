import fc from "fast-check";
import { decodeTensors, encodeTensors } from "tensorgrad/train";
import { describe, expect, it } from "vitest";
import { asText, countRows, KneserNey } from "./ngrams.ts";
import { RowCounts } from "./row-counts.ts";

describe("RowCounts", () => {
  const texts = fc.integer({ min: 2, max: 300 }).chain((vocabSize) =>
    fc.record({
      vocabSize: fc.constant(vocabSize),
      tokens: fc.array(fc.nat(vocabSize - 1), { maxLength: 80 }),
      order: fc.integer({ min: 1, max: 4 }),
    }),
  );

  it("come back from a file, and give the rows of every length as the text itself has them", () => {
    fc.assert(
      fc.property(texts, ({ vocabSize, tokens, order }) => {
        const { tensors, metadata } = RowCounts.of(tokens, vocabSize, order).toFile();
        const back = RowCounts.from(decodeTensors(encodeTensors(tensors, metadata)));
        for (let length = 1; length <= order; length++)
          expect(new Map(back.rows(length))).toEqual(countRows(asText(tokens), length));
      }),
    );
  });

  it("make the Kneser–Ney model that the text makes", () => {
    fc.assert(
      fc.property(texts, fc.nat(), ({ vocabSize, tokens, order }, drawn) => {
        const rows = RowCounts.of(tokens, vocabSize, order).rows(order);
        const [counted, whole] = [
          KneserNey.fromRows(rows, vocabSize, order),
          new KneserNey(tokens, vocabSize, order),
        ];
        const history = tokens.slice(0, order - 1);
        const token = drawn % vocabSize;
        expect(counted.probability(history, token)).toBe(whole.probability(history, token));
      }),
    );
  });

  it("refuse rows that are too long for a number, and files of something else", () => {
    expect(() => RowCounts.of([0], 65, 9)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RowCounts.of: order 9 — an integer ≥ 1, and few enough for a row to be one number]`,
    );
    expect(() => RowCounts.of([0, 1], 2, 2).rows(3)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RowCounts.rows: length 3 — an integer from 1 to 2]`,
    );
    expect(() => RowCounts.from({ tensors: {}, metadata: {} })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RowCounts.from: no counted rows — the file has tensors rows, counts and head, and metadata order and vocabSize]`,
    );
  });
});
