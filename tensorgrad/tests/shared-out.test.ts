import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inOrder, kernels, threads, together, useBlas, useThreads } from "../src/00-runtime/index.ts";
import { CallTable } from "../src/00-runtime/threads/table.ts";
import { addInto } from "../src/01-tensor/index.ts";
import * as clip from "../src/06-optimizers/clip.reference.ts";
import { ones, randn, scope, type Tensor, zeros } from "../src/entries/index.ts";

const { scaleBy } = kernels(clip);
useBlas("off");

describe("CallTable", () => {
  /** What a worker reads of it, chain by chain. */
  const read = ({ words, starts, count }: CallTable): number[][][] =>
    Array.from({ length: count }, (_, chain) => {
      const calls: number[][] = [];
      for (let at = starts[chain]; at < starts[chain + 1]; at += 2 + words[at + 1])
        calls.push([words[at], ...words.subarray(at + 2, at + 2 + words[at + 1])]);
      return calls;
    });

  it("holds what was put in, call by call and chain by chain, until it says that it is full", () => {
    const call = fc.record({
      number: fc.nat(99),
      args: fc.array(fc.integer(), { maxLength: 40 }),
      follows: fc.boolean(),
      times: fc.constantFrom(1, 2, 3000),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 20 }), (calls) => {
        const table = new CallTable();
        const expected: number[][][] = [];
        for (const { number, args, follows, times } of calls) {
          for (let i = 0; i < times; i++) {
            if (!table.fits(args.length)) break;
            table.add(number, () => {}, args, follows);
            if (follows && expected.length > 0) expected[expected.length - 1].push([number, ...args]);
            else expected.push([[number, ...args]]);
          }
        }
        expect(read(table)).toEqual(expected);
        expect(table.count).toBeLessThan(2 ** 15); // the ticket is a signed number: two counts of 16 bits
        expect(table.take()).toHaveLength(expected.length);
        expect([table.count, table.fits(1000)]).toEqual([0, true]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("together", () => {
  beforeAll(async () => {
    useThreads(3);
    while (threads().working < 3) {
      using _ = scope();
      randn([300_000]).exp();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });
  afterAll(() => useThreads(1));

  /** Steps that do not commute: x ← −x and x ← x + 1. */
  function follow(x: Tensor, one: Tensor, steps: readonly boolean[]): void {
    for (const negate of steps) {
      if (negate) scaleBy(x, 1, -1);
      else addInto(one, x);
    }
  }

  it("makes every call once, those of inOrder one after the other, however many there are", () => {
    const chains = fc.constantFrom(1, 7, 200, 6000); // 4,096 fit the table
    const lengths = fc.constantFrom(1, 2, 15, 30_000); // 13,107 calls fit it
    const steps = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(chains, lengths, steps, (count, length, pattern) => {
        const used = Math.min(length, Math.ceil(120_000 / count));
        const all = Array.from({ length: used }, (_, i) => pattern[i % pattern.length]);
        using _ = scope();
        const [places, one] = [zeros([count]), ones([1])];
        const place = (i: number) => places.newView([1], [1], i);
        together("steps", () => {
          for (let i = 0; i < count; i++) inOrder(() => follow(place(i), one, all));
        });
        const expected = all.reduce((x, negate) => (negate ? 0 - x : x + 1), 0);
        expect([...places.data].filter((x) => x !== expected)).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it("makes what was gathered before it takes a step that does not go through the threads", () => {
    using _ = scope();
    const [x, one] = [zeros([1]), ones([1])];
    const plain = x.newEmpty([1], "float64");
    let seen = Number.NaN;
    together("steps", () => {
      inOrder(() => {
        follow(x, one, [false, false, true]);
        plain.storage.view[0] = 1;
        scaleBy(plain, 1, 3); // float64: the plain loop, at once
        seen = x.item();
        follow(x, one, [false]);
      });
    });
    expect([seen, x.item(), plain.item()]).toEqual([-2, -1, 3]);
  });

  it("forgets what was gathered when the gathering throws, and works on", () => {
    using _ = scope();
    const [x, one] = [zeros([1]), ones([1])];
    const failing = () =>
      together("steps", () => {
        follow(x, one, [false]);
        throw new RangeError("no");
      });
    expect(failing).toThrow("no");
    expect(x.item()).toBe(0);
    together("steps", () => inOrder(() => follow(x, one, [false, false])));
    expect(x.item()).toBe(2);
  });
});
