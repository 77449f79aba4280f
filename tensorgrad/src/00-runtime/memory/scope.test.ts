import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { full, type Tensor, tensor, zeros } from "../../entries/index.ts";
import { collect, heap, scope } from "../index.ts";

describe("scope", () => {
  it("frees what was made inside at the end of the block, also on throw and break", () => {
    const before = heap.live;
    expect(() => {
      using _ = scope();
      zeros([10]);
      throw new Error("stop");
    }).toThrow("stop");
    for (let i = 0; i < 3; i++) {
      using _ = scope();
      zeros([10]).add(1);
      if (i === 1) break;
    }
    expect(heap.live).toBe(before);
  });

  it("lets a kept tensor out, to the scope around it", () => {
    const before = heap.live;
    {
      using _outer = scope();
      let kept = tensor([0]);
      {
        using inner = scope();
        kept = inner.keep(tensor([1, 2]).mul(2));
      }
      expect(kept.toArray()).toEqual([2, 4]);
    }
    expect(heap.live).toBe(before);
  });

  it("keeps storage alive through any view of it", () => {
    let view = tensor([0]);
    {
      using step = scope();
      view = step.keep(
        tensor([
          [1, 2],
          [3, 4],
        ])
          .t()
          .select(0, 1),
      );
    }
    expect(view.toArray()).toEqual([2, 4]);
    view.dispose();
  });

  it("names a tensor that is used after its memory was freed", () => {
    let late = tensor([0]);
    {
      using _ = scope();
      late = zeros([2, 3]);
    }
    expect(() => late.add(1)).toThrowErrorMatchingInlineSnapshot(
      `[DisposedError: tensor float32 [2, 3]: its memory was freed — a tensor lives as long as the scope it was made in; let it out with step.keep(tensor), or read its numbers before the scope ends]`,
    );
    expect(() => late.data).toThrow("its memory was freed");
    using step = scope();
    expect(() => step.keep(late)).toThrowErrorMatchingInlineSnapshot(
      `[DisposedError: keep: a tensor whose memory was freed — keep it before its scope ends]`,
    );
  });

  it("gives gradients the owner of their parameter", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const before = heap.live;
    {
      using _ = scope();
      w.square().sum().backward();
      w.square().sum().backward();
    }
    expect(w.grad?.toArray()).toEqual([4, 8]);
    {
      using _ = scope();
      w.zeroGrad();
    }
    expect(heap.live).toBe(before);
  });

  it("survives scopes of interleaved async functions", async () => {
    const before = heap.live;
    const work = async (ms: number) => {
      using _ = scope();
      zeros([10]);
      await new Promise((resolve) => setTimeout(resolve, ms));
      zeros([10]);
    };
    await Promise.all([work(5), work(1)]);
    expect(heap.live).toBe(before);
  });

  const steps = fc.array(fc.constantFrom("make", "await", "inner", "keep"), { maxLength: 6 });

  it("never frees what belongs to another function that awaits at the same time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 4 }), async (functions) => {
        const before = heap.live;
        const kept = await Promise.all(functions.map(inScope));
        for (const [tensors, i] of kept.map((all, i) => [all, i] as const)) {
          for (const x of tensors) expect(x.toArray()).toEqual([i]);
          for (const x of tensors) x.dispose();
        }
        expect(heap.live).toBeLessThanOrEqual(before); // less where earlier garbage was found
      }),
    );
  });

  /** Follows the steps in a scope of its own; at the end, everything it made must still be there. */
  async function inScope(plan: readonly string[], value: number): Promise<Tensor[]> {
    using step = scope();
    const made = [full([1], value)];
    const kept: Tensor[] = [];
    for (const what of plan) {
      if (what === "await") await turn();
      if (what === "make") made.push(full([1], value));
      if (what === "keep") kept.push(step.keep(full([1], value)));
      if (what === "inner") {
        using inner = scope();
        made.push(inner.keep(full([1], value)));
        full([1], value);
      }
    }
    await turn();
    for (const x of [...made, ...kept]) expect(x.toArray()).toEqual([value]);
    // What an inner scope let out belongs to the collector where this one has waited.
    for (const x of made) if (x.storage.owner === null) x.dispose();
    return kept.filter((x) => !made.includes(x));
  }

  it("says why where a function without a scope runs while another's scope is open", async () => {
    let late = zeros([1]);
    const other = async () => {
      await turn();
      late = zeros([2]);
    };
    {
      using _ = scope();
      await other();
    }
    expect(() => late.add(1)).toThrowErrorMatchingInlineSnapshot(
      `[DisposedError: tensor float32 [2]: its memory was freed — a tensor lives as long as the scope it was made in; let it out with step.keep(tensor), or read its numbers before the scope ends; that scope was open while its function waited at an await: if another function made the tensor then, open a scope there, too]`,
    );
  });

  it("of a generator that was left leaves its tensors to the collector", async () => {
    const before = heap.live;
    const first = leaveGenerator();
    await turn();
    zeros([1000]).add(1); // not the generator's
    for (let i = 0; i < 20 && heap.live > before + 128; i++) {
      collect();
      await turn();
    }
    expect(first.toArray()).toEqual([7]);
    expect(heap.live).toBeLessThanOrEqual(before + 128);
    first.dispose();
  });
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Takes the first value of a generator that has a scope, and forgets the generator. */
function leaveGenerator(): Tensor {
  function* numbers() {
    using _ = scope();
    zeros([1000]);
    yield full([1], 7);
  }
  return numbers().next().value as Tensor;
}
