import { grad, Random, randn, scope } from "tensorgrad";
import { GRU, LSTM, RNN } from "tensorgrad/nn";
import { blas, threads, useBlas, useThreads } from "tensorgrad/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const { wanted } = threads();
const { setting } = blas();
beforeAll(() => useBlas("off")); // a library divides its products as it likes
afterAll(() => {
  useThreads(wanted);
  useBlas(setting);
});

describe("on two threads", () => {
  for (const kind of [RNN, LSTM, GRU]) {
    it(`${kind.name} gives the bits of one`, async () => {
      const random = new Random(3);
      const net = new kind(24, 160, { random });
      const [x, v] = [randn([3, 64, 24], { random }), randn([3, 64, 160], { random })];
      const lengths = Array.from({ length: 64 }, (_, b) => 1 + (b % 3));
      const run = () => {
        using _ = scope();
        const y = net.run(x, { lengths }).output;
        return [y, ...grad(y, net.parameters(), { gradOutputs: v })].map(({ data }) => data.slice());
      };
      useThreads(1);
      const alone = run();
      useThreads(2);
      for (let tries = 0; threads().working < 2 && tries < 100; tries++) {
        run();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(threads().working).toBe(2);
      expect(run()).toEqual(alone);
    });
  }
});
