import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { heap } from "../../00-runtime/index.ts";
import { type Tensor, zeros } from "../../01-tensor/index.ts";
import { HeapPressure } from "./pressure.ts";

const MiB = 2 ** 20;
const { limit } = heap;

beforeEach(() => {
  heap.limit = 64 * MiB;
});
afterEach(() => {
  heap.limit = limit;
});

describe("HeapPressure", () => {
  it("lets a loop make many times what the heap holds, as long as it drops it", async () => {
    const pressure = new HeapPressure();
    for (let i = 0; i < 300; i++) {
      zeros([MiB / 4]);
      await pressure.relieve();
    }
    expect(heap.live).toBeLessThan(64 * MiB);
  });

  it("cannot help a loop that keeps everything: the heap says so", async () => {
    const pressure = new HeapPressure();
    const kept: Tensor[] = [];
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 300; i++) {
        kept.push(zeros([MiB / 4]));
        await pressure.relieve();
      }
    };
    await expect(fill()).rejects.toThrow(/the heap holds at most 64\.0 MB/);
    for (const tensor of kept) tensor.storage.free();
  });
});
