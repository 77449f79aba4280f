import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { DataLoader } from "../loading/loader.ts";
import { TinyShakespeare } from "./shakespeare.ts";
import { TextDataset } from "./text.ts";
import { EvaluationWindows } from "./text-evaluation.ts";
import { ChunkSampler } from "./text-sampler.ts";

describe.skipIf(!process.env.TENSORGRAD_DATA)("tiny Shakespeare's own text", async () => {
  const text = process.env.TENSORGRAD_DATA ? await TinyShakespeare.load({ download: false }) : null;
  const [train, validation] = text?.split() ?? [];

  it("has 1,115,394 characters, the last tenth of them for validation", () => {
    expect([text?.length, text?.alphabet.length, validation?.length]).toEqual([1_115_394, 65, 111_540]);
    expect(train?.text.slice(0, 15)).toBe("First Citizen:\n");
    expect(Math.max(...(validation?.ids().subarray(0, 1000) ?? []))).toBeLessThan(65);
  });

  it("is trained on in exactly the first 1,003,854 characters", () => {
    const ids = train?.ids() ?? new Int32Array();
    expect(ids.length).toBe(1_003_854);
    // Tokens that tell their own place: what a pass reads is what it shows.
    const windows = new TextDataset(
      Int32Array.from(ids, (_, i) => i),
      128,
    );
    const sampler = new ChunkSampler(windows);
    const random = new Random(1);
    const read = new Uint8Array(1_115_394);
    for (let pass = 0; pass < 20; pass++) for (const i of sampler.order(random)) read.fill(1, i, i + 129);
    expect(read.subarray(128, 1_003_854 - 128)).not.toContain(0);
    expect(read.subarray(1_003_854)).not.toContain(1);
    const { x, y } = windows.batch([windows.length - 1]);
    expect([x.data[127], y.data[127]]).toEqual([1_003_852, 1_003_853]);
  });

  it.each([128, 64])("is scored on all 111,540 of the rest, with a stride of %i", (stride) => {
    const ids = validation?.ids() ?? new Int32Array();
    const before = train?.ids().at(-1) ?? -1;
    const windows = new EvaluationWindows(ids, 128, { stride, before });
    const asked: number[] = [];
    for (const { y } of new DataLoader(windows, { batchSize: 64 })) {
      for (const target of y.data) if (target >= 0) asked.push(target);
    }
    expect(asked.length).toBe(111_540);
    expect(Int32Array.from(asked)).toEqual(ids);
    expect(windows.batch([0]).x.data[0]).toBe(before);
    expect(windows.length).toBe(stride === 128 ? 872 : 1742);
  });
});
