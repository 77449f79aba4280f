import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Progress } from "./progress.ts";
import { progressDisplay } from "./progress-display.ts";

/** A stream that remembers; `isTTY` makes it a terminal. */
function screen(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const pieces: string[] = [];
  const stream = new PassThrough().on("data", (piece) => pieces.push(String(piece)));
  const terminal = {
    isTTY,
    columns: 100,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  };
  return {
    stream: Object.assign(stream, terminal) as unknown as NodeJS.WriteStream,
    text: () => pieces.join(""),
  };
}

const at = (steps: number, more: Partial<Progress> = {}): Progress => ({
  phase: "train",
  epoch: 1,
  epochs: 5,
  steps,
  totalSteps: 4,
  examples: 10 * steps,
  seconds: steps,
  loss: 1 / steps,
  stepLoss: 0.5,
  heapGrowth: 0,
  metrics: { accuracy: 0.9 },
  done: false,
  ...more,
});

describe("progressDisplay", () => {
  it("writes one line per pass where there is no terminal", async () => {
    const { stream, text } = screen(false);
    using display = await progressDisplay({ stream });
    for (const step of [1, 2, 3, 4]) display.onProgress(at(step));
    display.onProgress(at(4, { done: true }));
    display.onProgress(at(4, { done: true, phase: "evaluate", metrics: {} }));
    expect(text()).toMatchInlineSnapshot(`
      "epoch 1/5 train     loss 0.2500, accuracy 0.9000, 4.0 s
      epoch 1/5 evaluate  loss 0.2500, 4.0 s
      "
    `);
  });

  it("writes a line now and then during a long pass", async () => {
    const { stream, text } = screen(false);
    using display = await progressDisplay({ stream, every: 2 });
    for (const step of [1, 2, 3, 4]) display.onProgress(at(step));
    display.onProgress(at(5, { totalSteps: null, seconds: 9 }));
    expect(text()).toMatchInlineSnapshot(`
      "epoch 1/5 train     loss 0.5000, accuracy 0.9000, 2.0 s, step 2 of 4
      epoch 1/5 train     loss 0.2500, accuracy 0.9000, 4.0 s, step 4 of 4
      epoch 1/5 train     loss 0.2000, accuracy 0.9000, 9.0 s, step 5
      "
    `);
  });

  it("draws a bar on a terminal and leaves one line of it", async () => {
    const { stream, text } = screen(true);
    using display = await progressDisplay({ stream });
    for (const step of [1, 2, 3]) display.onProgress(at(step));
    display.onProgress(at(4, { done: true }));
    expect(text()).toContain("░");
    expect(text()).toMatch(/epoch 1\/5 train/);
    expect(text()).toContain("3/4 · loss 0.3333 · 10/s · 1 s left"); // three steps took 3 s
    expect(text().trimEnd().split("\n").at(-1)).toMatch(/loss 0\.2500, accuracy 0\.9000, 4\.0 s$/);
  });

  it("tells the time left from the whole pass so far, also of one that was resumed", async () => {
    const times: [steps: number, seconds: number, left: string][] = [
      [50, 10, "10 s left"],
      [25, 251, "12 min 33 s left"],
      [1, 50.5, "1 h 23 min left"],
    ];
    for (const [steps, seconds, left] of times) {
      const { stream, text } = screen(true);
      using display = await progressDisplay({ stream });
      display.onProgress(at(steps, { seconds, totalSteps: 100 }));
      expect(text()).toContain(left);
    }
  });

  it("draws no bar for a pass of unknown length", async () => {
    const { stream, text } = screen(true);
    using display = await progressDisplay({ stream });
    display.onProgress(at(1, { totalSteps: null }));
    display.onProgress(at(2, { totalSteps: null, done: true }));
    expect(text()).toMatchInlineSnapshot(`
      "epoch 1/5 train     loss 0.5000, accuracy 0.9000, 2.0 s
      "
    `);
  });

  it("takes the bar away when training breaks off", async () => {
    const { stream, text } = screen(true);
    {
      using display = await progressDisplay({ stream });
      display.onProgress(at(1));
    }
    const length = text().length;
    await new Promise((resolve) => setTimeout(resolve, 200)); // a bar left alone would go on drawing
    expect(text()).toHaveLength(length);
  });
});
