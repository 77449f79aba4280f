import { readFileSync } from "node:fs";
import { fromArray, grad, type Tensor } from "tensorgrad";
import { GRU, LSTM, RNN, type RnnOptions } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { distance } from "../gradients.fixture.ts";

interface Told {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Setting extends RnnOptions {
  readonly kind: "RNN" | "LSTM" | "GRU";
  readonly lengths?: readonly number[];
  readonly state?: boolean;
}

interface Case {
  readonly setting: Setting;
  readonly x: Told;
  readonly state: readonly Told[];
  readonly parameters: Readonly<Record<string, Told>>;
  readonly results: readonly Told[];
  readonly cotangents: readonly Told[];
  readonly gradients: readonly Told[];
}

/** Written by pytorch.py beside it. */
const file = new URL("pytorch.cases.json", import.meta.url);
const { torch, cases } = JSON.parse(readFileSync(file, "utf8")) as { torch: string; cases: readonly Case[] };

describe(`PyTorch ${torch} computes the same`, () => {
  for (const one of cases) {
    const { kind, state: _, lengths, ...options } = one.setting;
    it(`${kind} ${JSON.stringify({ ...options, ...(lengths && { lengths }) })}`, () => {
      const net = new { RNN, LSTM, GRU }[kind](3, 2, options).to("float64");
      expect(Object.keys(net.stateDict())).toEqual(Object.keys(one.parameters));
      net.loadStateDict(Object.fromEntries(Object.entries(one.parameters).map(([k, v]) => [k, told(v)])));
      const [x, ...state] = [one.x, ...one.state].map((t) => leaf(told(t)));
      const run = net.run(x, { state, ...(lengths && { lengths }) });
      const results = [run.output, ...run.state];
      expect(results.map(({ shape }) => shape)).toEqual(one.results.map(({ shape }) => shape));
      results.forEach((y, i) => {
        expect(distance(y, one.results[i].data)).toBeLessThan(1e-15);
      });
      const inputs = [x, ...state, ...net.parameters()];
      for (const createGraph of [false, true]) {
        const gradients = grad(results, inputs, {
          gradOutputs: one.cotangents.map(told),
          createGraph,
          retainGraph: true,
        });
        gradients.forEach((g, i) => {
          expect(g.shape).toEqual(one.gradients[i].shape);
          expect(distance(g, one.gradients[i].data)).toBeLessThan(1e-14);
        });
      }
    });
  }
});

const told = ({ shape, data }: Told): Tensor => fromArray(data, shape, { dtype: "float64" });
const leaf = (x: Tensor): Tensor => Object.assign(x, { requiresGrad: true });
