import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../../entries/index.ts";
import { heap, scope } from "../index.ts";

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
});
