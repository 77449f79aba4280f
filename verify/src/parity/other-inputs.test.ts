import fc from "fast-check";
import { fromArray, noGrad, scope, type Tensor, tensor } from "tensorgrad";
import { exportOnnx } from "tensorgrad/onnx";
import { describe, expect, it } from "vitest";
import { runOnnx } from "./onnx-runtime.ts";

/** Steps that a file can hold, of two results before it. */
const recorded: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.add(b),
  (a, b) => a.mul(b.tanh()),
  (a, b) => a.sub(b.mean(1, { keepDim: true })),
  (a, b) => a.div(b.abs().max().add(1)),
  (a, b) => a.gt(b).where(a.tanh(), b),
  (a) => a.sort(1).values,
  (a, b) => a.gather(1, b.argsort(1)),
  (a, b) => noGrad(() => a.mul(b.square().add(1).rsqrt())),
  (a) => a.mul(weight.max().item()), // of weights only: they are in the file
];

/** Steps that take numbers of the example out of the graph. */
const reading: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  (a, b) => a.div(b.abs().max().add(1).item()),
  (a, b) => (b.sum().item() > 0 ? a.tanh() : a.neg()),
  (a, b) => a.add(tensor(b.mean(1, { keepDim: true }).toArray())),
  (a, b) => a.add(fromArray(b.sort(1).values.data.slice(), b.shape)),
  (a, b) => a.mul(noGrad(() => b.tanh().max().item())),
  (a, b) => a.narrow(1, 0, 1).add(b.argmax(1).data[0]).add(b),
];

const weight = tensor([0.5, -0.25, 1.5]);
const steps = [...recorded, ...reading];
const shape = [3, 4];
const values = fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 12, maxLength: 12 });
const example = values.map((list) =>
  fromArray(
    Float32Array.from(list, (n) => n / 32),
    shape,
  ),
);
const program = fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(9), fc.nat(9)), {
  minLength: 1,
  maxLength: 6,
});

describe("an exported program", () => {
  it("agrees with the engine on other inputs, or the read in it is refused", async () => {
    let [exported, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        program,
        example,
        fc.array(example, { minLength: 2, maxLength: 2 }),
        async (lines, x, others) => {
          using _ = scope();
          const model = (input: Tensor): Tensor => {
            const results = [input];
            for (const [step, a, b] of lines)
              results.push(steps[step](results[a % results.length], results[b % results.length]));
            return results[results.length - 1].add(input);
          };
          let bytes: Uint8Array;
          try {
            bytes = exportOnnx(model, x, { dynamicBatch: false });
          } catch (error) {
            expect((error as Error).message).toMatch(/^exportOnnx: (item\(\)|data|toArray\(\)) of /);
            expect(lines.some(([step]) => step >= recorded.length)).toBe(true);
            refused++;
            return;
          }
          exported++;
          for (const other of others) {
            const { output } = await runOnnx(bytes, other);
            const [ours, theirs] = [model(other).data, output.data];
            const largest = Math.max(1, ...ours.map(Math.abs));
            for (const [i, y] of ours.entries()) expect(Math.abs(theirs[i] - y)).toBeLessThan(1e-5 * largest);
          }
        },
      ),
      { seed: 1, numRuns: 200 },
    );
    expect(Math.min(exported, refused)).toBeGreaterThan(30);
  });
});
