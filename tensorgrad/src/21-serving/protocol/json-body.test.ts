import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "./json-body.ts";
import { NumberList } from "./number-list.ts";

/** All lists as arrays. */
function plain(value: unknown): unknown {
  if (value instanceof NumberList) return value.numbers();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

/** The value, or that it is no JSON. */
function outcome(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    return (error as Error).message;
  }
}

const floatsOf = (json: string): Float32Array => {
  const { data } = readJson(Buffer.from(json)) as { data: NumberList };
  expect(data).toBeInstanceOf(NumberList);
  return data.floats;
};

/** Texts of numbers: those that programs print, those with more digits than a double has, and those next to the middle of two float32. */
const half = new Float32Array(2);
const bits = new Uint32Array(half.buffer);
const middles = fc
  .tuple(fc.integer({ min: 0x2000_0000, max: 0x5000_0000 }), fc.integer({ min: -4, max: 4 }))
  .map(([at, off]) => {
    [bits[0], bits[1]] = [at, at + 1];
    const middle = (half[0] + half[1]) / 2;
    return middle + off * middle * Number.EPSILON;
  });
const texts = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ min: -1, max: 1, noNaN: true }).map((value) => value.toFixed(25)),
  middles.map((value) => String(value)),
  fc.tuple(middles, fc.integer({ min: 9, max: 40 })).map(([value, digits]) => value.toPrecision(digits)),
  fc.integer().map(String),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?$/),
);

describe("the body of a request", () => {
  it("holds the float32 that JSON.parse and rounding give, whichever way a number is written", () => {
    fc.assert(
      fc.property(
        fc.array(texts, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(",", ", ", "\n,\t"),
        (all, comma) => {
          const json = `{"data":[${all.join(comma)}]}`;
          const expected = Float32Array.from((JSON.parse(json) as { data: number[] }).data);
          expect([...floatsOf(json)]).toEqual([...expected]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("keeps the sign of zero, and rounds where only the last digit decides", () => {
    expect([...floatsOf('{"data":[-0,-0.0,0.000]}')]).toEqual([-0, -0, 0]);
    const middle = 1 + 2 ** -24;
    const [even, above] = [middle, middle + Number.EPSILON].map((value) => value.toFixed(52));
    expect([...floatsOf(`{"data":[${even},${above}]}`)]).toEqual([1, 1 + 2 ** -23]);
  });

  it("holds long lists", () => {
    const data = Array.from({ length: 40_000 }, (_, i) => i / 7);
    const floats = floatsOf(JSON.stringify({ data }));
    expect(floats).toHaveLength(data.length);
    expect(data.every((value, i) => floats[i] === Math.fround(value))).toBe(true);
  });

  it("is what JSON.parse reads", () => {
    const rows = fc.oneof(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
      fc.array(fc.array(fc.integer()), { minLength: 1 }),
      fc.jsonValue(),
    );
    const tensor = fc.record({
      name: fc.string(),
      shape: fc.array(fc.integer()),
      data: rows,
      more: fc.jsonValue(),
    });
    const bodies = fc.record({ id: fc.string(), inputs: fc.array(tensor) }, { requiredKeys: [] });
    fc.assert(
      fc.property(bodies, fc.constantFrom(undefined, 1), (body, space) => {
        const json = JSON.stringify(body, null, space);
        expect(plain(readJson(Buffer.from(json)))).toEqual(JSON.parse(json));
      }),
    );
  });

  it("is refused in JSON.parse's words where it is no JSON, wherever it is damaged", () => {
    const good = '{"id": "a", "inputs":[{"name":"x","shape":[1,3],"data":[[1.5,-2e3],[0.25,7]],"ok":true}]}';
    const signs = '0123456789.-+eE[]{},:" \n\\tfnxé'.split("");
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(2), fc.constantFrom("", ...signs), (at, cut, sign) => {
        const json = good.slice(0, at) + sign + good.slice(at + cut);
        const own = outcome(() => plain(readJson(Buffer.from(json))));
        expect(own).toEqual(outcome(() => JSON.parse(json)));
      }),
      { numRuns: 2000 },
    );
  });

  it("has keys that stand for themselves", () => {
    const json = '{"__proto__":{"data":[1]},"data":[],"a":1,"a":2}';
    expect(JSON.stringify(readJson(Buffer.from(json)))).toBe('{"__proto__":{"data":[1]},"data":[],"a":2}');
  });
});
