import fc from "fast-check";
import { cat, full, grad, Random, randn, type Tensor, tensor } from "tensorgrad";
import { GRU, LSTM, type RecurrentOptions, RNN } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { distance, leaf } from "../gradients.fixture.ts";

const kinds = { RNN, LSTM, GRU };
type Net = RNN | LSTM | GRU;

interface Drawn {
  readonly net: Net;
  /** [T, B, 2] */
  readonly x: Tensor;
  readonly state: Tensor[];
  readonly random: Random;
}

const double = { dtype: "float64" } as const;

/** A network of some kind, sequences and initial states for it. */
const drawn = (settings: Partial<RecurrentOptions> = {}): fc.Arbitrary<Drawn> =>
  fc
    .record({
      kind: fc.constantFrom("RNN", "LSTM", "GRU" as const),
      numLayers: fc.integer({ min: 1, max: 2 }),
      bidirectional: fc.boolean(),
      bias: fc.boolean(),
      size: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 })),
      seed: fc.nat(),
    })
    .map(({ kind, size: [T, B], seed, ...options }) => {
      const random = new Random(seed);
      const net = new kinds[kind](2, 3, { ...options, ...settings, random }).to("float64");
      const shape = [net.numLayers * (net.bidirectional ? 2 : 1), B, 3];
      const states = kind === "LSTM" ? 2 : 1;
      const state = Array.from({ length: states }, () => randn(shape, { random, ...double }));
      return { net, x: randn([T, B, 2], { random, ...double }), state, random };
    });

const lengthsFor = ({ x, random }: Drawn): number[] =>
  Array.from({ length: x.shape[1] }, () => 1 + Math.floor(x.shape[0] * random.uniform()));

/** Outputs and states end to end: what a law compares. */
const all = (run: ReturnType<Net["run"]>): Tensor => cat([run.output, ...run.state].map((t) => t.flatten()));

describe("a batch of sequences of unequal length", () => {
  it("computes what each of them does alone, gradients included", () => {
    fc.assert(
      fc.property(drawn(), (one) => {
        const { net, x, state, random } = one;
        const lengths = lengthsFor(one);
        const together = net.run(x, { state, lengths });
        const alone = lengths.map((n, b) => {
          const own = (t: Tensor) => t.narrow(1, b, 1);
          const { output, state: end } = net.run(own(x).narrow(0, 0, n), { state: state.map(own) });
          return { output: output.pad([0, 0, 0, 0, 0, x.shape[0] - n]), state: end };
        });
        const joined = {
          output: cat(
            alone.map(({ output }) => output),
            1,
          ), // [T, B, D·H]
          state: state.map((_, s) =>
            cat(
              alone.map((each) => each.state[s]),
              1,
            ),
          ),
        };
        expect(distance(all(together), all(joined))).toBe(0);
        const v = { gradOutputs: randn(all(joined).shape, { random, ...double }) };
        const [a, b] = [together, joined].map((run) => grad(all(run), net.parameters(), v));
        for (const [i, g] of a.entries()) expect(distance(g, b[i])).toBeLessThan(1e-13);
      }),
      { numRuns: 60 },
    );
  });

  it("does not look at what stands after the end, not even at NaN", () => {
    fc.assert(
      fc.property(drawn(), (one) => {
        const { net, x, state } = one;
        const lengths = lengthsFor(one);
        const rest = tensor(
          Array.from(lengths, (n) => Array.from({ length: x.shape[0] }, (_, t) => t >= n)),
        ).t();
        const spoilt = leaf(x.maskedFill(rest.unsqueeze(2), NaN));
        const [clean, found] = [leaf(x), spoilt].map((input) => {
          const y = all(net.run(input, { state, lengths }));
          return [y, ...grad(y.square().sum(), [input, ...net.parameters()])];
        });
        for (const [i, t] of found.entries()) expect(distance(t, clean[i])).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("says the same with lengths that leave nothing out", () => {
    fc.assert(
      fc.property(drawn(), ({ net, x, state }) => {
        const lengths = full([x.shape[1]], x.shape[0], { dtype: "int32" });
        expect(distance(all(net.run(x, { state, lengths })), all(net.run(x, { state })))).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});

describe("sequences", () => {
  it("do not depend on what else is in the batch, nor on its order", () => {
    fc.assert(
      fc.property(drawn(), ({ net, x, state, random }) => {
        const order = Array.from({ length: x.shape[1] }, () => Math.floor(x.shape[1] * random.uniform()));
        const index = tensor(order, { dtype: "int32" });
        const picked = (t: Tensor) => t.indexSelect(1, index);
        const { output, state: end } = net.run(x, { state });
        const some = net.run(picked(x), { state: state.map(picked) });
        expect(distance(all(some), all({ output: picked(output), state: end.map(picked) }))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("may be cut: the second part begins with the states after the first", () => {
    fc.assert(
      fc.property(drawn({ bidirectional: false }), fc.nat(), ({ net, x, state }, at) => {
        const n = 1 + (at % x.shape[0]);
        fc.pre(n < x.shape[0]);
        const head = net.run(x.narrow(0, 0, n), { state });
        const tail = net.run(x.narrow(0, n, x.shape[0] - n), { state: head.state });
        const whole = net.run(x, { state });
        const joined = { output: cat([head.output, tail.output]), state: tail.state };
        expect(distance(all(whole), all(joined))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("are read in order: later inputs move no earlier output, and backwards it is the other way round", () => {
    fc.assert(
      fc.property(drawn({ numLayers: 1, bidirectional: true }), fc.nat(), ({ net, x }, pick) => {
        const t = pick % x.shape[0];
        const at = tensor(Array.from({ length: x.shape[0] }, (_, i) => i === t));
        const changed = at.reshape(-1, 1, 1).where(x.add(1), x);
        const [before, after] = [x, changed].map((input) => net.forward(input)); // [T, B, 2·H]
        const moved = before.ne(after).any([1]); // [T, 2·H]
        for (let i = 0; i < x.shape[0]; i++) {
          const [forward, backward] = moved.select(0, i).chunk(2);
          if (i < t) expect(forward.any().item()).toBe(0);
          if (i > t) expect(backward.any().item()).toBe(0);
        }
        expect(moved.select(0, t).all().item()).toBe(1);
      }),
      { numRuns: 40 },
    );
  });
});

describe("the fused and the composed form", () => {
  it("have the same gradients", () => {
    fc.assert(
      fc.property(drawn(), (one) => {
        const { net, state, random } = one;
        const x = leaf(one.x);
        const inputs = [x, ...state.map(leaf), ...net.parameters()];
        const lengths = random.uniform() < 0.5 ? { lengths: lengthsFor(one) } : {};
        const y = all(net.run(x, { state: inputs.slice(1, 1 + state.length), ...lengths }));
        const v = { gradOutputs: randn(y.shape, { random, ...double }), retainGraph: true };
        const [fused, composed] = [false, true].map((createGraph) => grad(y, inputs, { ...v, createGraph }));
        for (const [i, g] of fused.entries()) expect(distance(g, composed[i])).toBeLessThan(1e-13);
      }),
      { numRuns: 60 },
    );
  });
});
