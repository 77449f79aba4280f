import type { Tensor } from "tensorgrad";
import { describe, expect, it } from "vitest";
import "../vitest.ts";
import { tensors } from "../table/inputs/arbitraries.ts";
import { checkGradients } from "./gradients.ts";
import {
  userFaults as faults,
  made,
  SIGN,
  type UserFault,
  userMessage,
  vector,
} from "./user-faults.fixture.ts";

const messageOf = (fn: UserFault[1], inputs: UserFault[2]): string => userMessage(["", fn, inputs, SIGN]);

describe("the message about a wrong gradient", () => {
  it("names the kind of every fault in a function of a user's", () => {
    const missed = faults.flatMap((fault) => {
      const [what, , , kind] = fault;
      const message = userMessage(fault);
      return kind.test(message) ? [] : [`${what}: ${message}`];
    });
    expect(missed).toEqual([]);
    expect(faults.length).toBeGreaterThanOrEqual(20);
  });

  it("ends with numbers that one can calculate with", () => {
    const message = userMessage(faults[4]);
    const numbers = JSON.parse(message.slice(message.lastIndexOf("[4] ") + 4));
    expect(numbers.every((n: number) => [0.5, 0.75, 1, 2].includes(Math.abs(n)))).toBe(true);
    expect(message).toMatchInlineSnapshot(`
      "mine, gradient of input 0 [4]: backward gives -0.6982 along v, finite differences give -0.3491 (allowed 8e-13); replay with seed 1, path "0:0:0:0:0:0:0:0:0"
        probably a factor of 2: counted twice
        ∂y[0]/∂(input 0)[0]: backward 4.000, finite differences 2.000
        ∂y[1]/∂(input 0)[1]: backward 4.000, finite differences 2.000
        ∂y[2]/∂(input 0)[2]: backward 4.000, finite differences 2.000
        ∂y[3]/∂(input 0)[3]: backward 4.000, finite differences 2.000
        input 0 = float64 [4] [1,1,1,1]"
    `);
  });

  it("says nothing of a cause where the gradient is right", () => {
    expect(messageOf((x) => x.tanh(), [vector])).toBe("nothing was found");
  });

  it("says of a second derivative that it is cut off", () => {
    const cut = made(
      (x) => x.square(),
      (g, [x]) => [g.mul(x.detach()).mul(2)],
    );
    expect(() => checkGradients(cut, [vector], { runs: 20 })).toThrow("a second derivative that is cut off");
  });

  it("finds the kink where most examples lie on it", () => {
    const zeros = tensors({ shape: [2] }).map((x) => x.mul(0).detach());
    const corner = made(
      (x) => x.abs(),
      (g, [x]) => [g.mul(x.sign())],
    );
    expect(() => checkGradients(corner, [zeros], { runs: 20, order: 1 })).toThrow("kink at input 0[0] = 0");
  });
});

describe("functions of any library", () => {
  const value = (x: Float64Array) => x[0] ** 2 + 3 * x[1];
  const right = { value, gradient: (x: Float64Array) => [2 * x[0], 3] };
  const wrong = { value, gradient: (x: Float64Array) => [2 * x[0], -3] };
  const pair = [tensors({ shape: [2] })];

  it("are checked as { value, gradient }", () => {
    expect(checkGradients(right, pair, { runs: 20 })).toMatchObject({ failure: null, examples: 20 });
    expect(() => checkGradients(wrong, pair, { runs: 20 })).toThrow(SIGN);
  });

  it("are matched by toHaveGradient, as tensor functions are", () => {
    expect(right).toHaveGradient(pair, { runs: 20 });
    expect(wrong).not.toHaveGradient(pair, { runs: 20 });
    expect((x: Tensor) => x.exp()).toHaveGradient(pair, { runs: 20 });
    expect(() => expect(wrong).toHaveGradient(pair, { runs: 20 })).toThrow(SIGN);
  });

  it("are refused where they give no number, or another count of numbers", () => {
    const check =
      (fn: object, inputs = pair) =>
      () =>
        checkGradients(fn as typeof right, inputs, { runs: 2 });
    expect(check({ ...right, value: () => "1" })).toThrow("value(x) gave string — expected a number");
    expect(check({ ...right, gradient: () => [1] })).toThrow(
      "gradient(x) gave 1 numbers for 2 — one for each of x",
    );
    expect(check({ ...right, gradient: () => 1 })).toThrow("gradient(x) gave number for 2");
    expect(check(right, [...pair, ...pair])).toThrow("2 inputs for { value, gradient } — it takes one");
    expect(check({ value })).toThrow("in place of a function of tensors, or of { value, gradient }");
  });
});
