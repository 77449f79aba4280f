import { describe, expect, it } from "vitest";
import { exampleOf } from "../table/case.ts";
import { cases } from "../table/cases.ts";
import { inHalves } from "./halves.fixture.ts";

/** Layers that take no numbers in 16 bits, and say so. */
const refusing = /^(QuantizedLinear|QuantizedConv2d|MultiHeadAttention)$/;
/** Its example makes a scale in the dtype of x: another one than float32 has. */
const rescaled = /^FakeQuantize$/;
/** Its table takes on the dtype of x before both are added. */
const roundedTwice = /^PositionalEncoding$/;

describe.each(["bfloat16", "float16"] as const)("every operation of the table, given %s", (half) => {
  it.each(cases.map((row) => [row.name, row] as const))("%s", (name, row) => {
    for (let seed = 1; seed <= 3; seed++) {
      const { refusal, dtype, single, places } = inHalves(exampleOf(row, seed), half);
      if (refusal !== null)
        expect([name, refusal]).toEqual([expect.stringMatching(refusing), expect.stringContaining(half)]);
      else if (single && !rescaled.test(name) && !roundedTwice.test(name))
        expect([dtype, places]).toEqual([dtype, 0]);
      else if (!rescaled.test(name)) expect(places, `${dtype}, seed ${seed}`).toBeLessThanOrEqual(8);
    }
  });
});
