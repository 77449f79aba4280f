import fc from "fast-check";
import { detectAnomaly, noGrad, tensor } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { collect } from "../../src/00-runtime/index.ts";
import { isRecording, recordAll } from "../../src/01-tensor/index.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const leaf = () => tensor([2], { requiresGrad: true });

describe("noGrad and functions that await", () => {
  const plans = fc.array(
    fc.record({
      trains: fc.boolean(),
      steps: fc.array(fc.constantFrom("await", "block", "compute"), { maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 4 },
  );

  it("takes the graph from nobody else, and ends with its block or with the turn", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (functions) => {
        await Promise.all(functions.map(({ trains, steps }) => (trains ? train(steps) : evaluate(steps))));
        expect(isRecording()).toBe(true);
      }),
    );
  });

  /** Between its awaits this function has the mode that it had. */
  async function train(steps: readonly string[]): Promise<void> {
    for (const what of steps) {
      if (what !== "compute") await turn();
      const x = leaf();
      const y = x.square();
      if (what === "await") await turn();
      y.backward();
      expect(x.grad?.toArray()).toEqual([4]);
    }
  }

  /** Opens blocks in which it awaits: that is refused, but when it is too late for others. */
  async function evaluate(steps: readonly string[]): Promise<void> {
    for (const what of steps) {
      if (what === "await") await turn();
      if (what === "compute") expect(noGrad(() => leaf().mul(2)).requiresGrad).toBe(false);
      if (what !== "block") continue;
      await expect(waitInside()).rejects.toThrow("noGrad: an await or yield inside the block");
    }
  }

  async function waitInside(): Promise<void> {
    await turn(); // a block opened in the first turn would reach the caller, too
    using _ = noGrad();
    expect(leaf().mul(2).requiresGrad).toBe(false);
    await turn();
  }

  it("refuses a block with an await, and says where it ends", async () => {
    const message = await waitInside().then(
      () => "nothing was thrown",
      (error: Error) => `${error.name}: ${error.message}`,
    );
    expect(
      message.replace(/ends at .*waitInside.*modes\.test\.ts:\d+:\d+\)?/, "ends at …"),
    ).toMatchInlineSnapshot(
      `"GradientError: noGrad: an await or yield inside the block that ends at … — the mode ended at that await, for other functions run meanwhile and need their graphs; open it again after each await, or call noGrad(() => …) around each synchronous part"`,
    );
  });

  it("names the block that took a graph away in the same turn", () => {
    function* left() {
      using _ = noGrad();
      yield leaf().mul(2);
    }
    const generator = left();
    generator.next();
    const y = leaf().square();
    expect(() => y.backward()).toThrow(
      /compute it outside noGrad, which is open here \(detectAnomaly notes the line\)$/,
    );
    generator.return(); // ends the block
    expect(isRecording()).toBe(true);
    const watched = left();
    using _ = detectAnomaly();
    watched.next();
    const z = leaf().square();
    expect(() => z.backward()).toThrow(/compute it outside noGrad, open since .*modes\.test\.ts:\d+:\d+/);
    watched.return();
    expect(isRecording()).toBe(true);
    expect(() => leaf().detach().square().backward()).toThrow(/outside noGrad$/);
  });

  it("is over after the turn where a generator was left, and after the function around it", async () => {
    const leave = () => {
      function* left() {
        using _ = noGrad();
        yield 1;
      }
      left().next();
    };
    leave();
    await turn();
    expect(isRecording()).toBe(true);
    recordAll(leave);
    expect(isRecording()).toBe(true);
  });

  it("lets blocks of generators end in any order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 6 }), (order) => {
        const blocks = order.map(() => noGrad());
        for (const i of order) blocks.splice(i % blocks.length, 1)[0]?.[Symbol.dispose]();
        for (const block of blocks) block[Symbol.dispose]();
        expect(isRecording()).toBe(true);
      }),
    );
  });

  it("refuses functions whose body is still to run", async () => {
    const rejects = async () => {
      await turn();
      throw new Error("nobody waits for this");
    };
    expect(() => noGrad(rejects)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: noGrad: the function returned a promise — the mode ends when the function returns, and the rest of its body would run without it; call noGrad(() => …) around each synchronous part]`,
    );
    expect(() =>
      noGrad(function* () {
        yield 1;
      }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: noGrad: the function returned a generator — the mode ends when the function returns, and the rest of its body would run without it; call noGrad(() => …) around each synchronous part]`,
    );
    expect(() => detectAnomaly(async () => {})).toThrow("detectAnomaly: the function returned a promise");
    expect(() => recordAll(async () => {})).toThrow("recordAll: the function returned a promise");
    expect(isRecording()).toBe(true);
    await turn();
  });
});

describe("detectAnomaly and functions that await", () => {
  const finds = () => {
    try {
      tensor([-1]).log();
      return false;
    } catch {
      return true;
    }
  };

  it("looks until the last block has ended, whatever their order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }), async (turns) => {
        let open = 0;
        await Promise.all(
          turns.map(async (count) => {
            using _ = detectAnomaly();
            open++;
            for (let i = 0; i < count; i++) await turn();
            expect(finds()).toBe(true);
            open--;
          }),
        );
        expect(open).toBe(0);
        expect(finds()).toBe(false);
      }),
    );
  });

  it("ends with a generator that was left, when that is collected", async () => {
    (() => {
      function* left() {
        using _ = detectAnomaly();
        yield 1;
      }
      left().next();
    })();
    expect(finds()).toBe(true);
    for (let i = 0; i < 20 && finds(); i++) {
      collect();
      await turn();
    }
    expect(finds()).toBe(false);
  });
});
