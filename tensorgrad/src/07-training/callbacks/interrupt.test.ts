import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { finish, makeRun } from "../../../tests/07-training/training-run.fixture.ts";
import { Checkpoints } from "../checkpoints/checkpoints.ts";
import { Interrupt } from "./interrupt.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "interrupt-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("Interrupt", () => {
  it("lets those saved that come after it in the list, and leaves no handler behind", async () => {
    const codes: number[] = [];
    const before = process.listenerCount("SIGINT");
    const stop = {
      onStepEnd: (_: unknown, { step }: { step: number }) =>
        void (step === 3 && process.emit("SIGINT", "SIGINT")),
    };
    const run = makeRun({
      callbacks: (loader) => [
        new Interrupt({ exit: (code) => codes.push(code, readdirSync(folder).length), onNotice: () => {} }),
        new Checkpoints({ folder, loader }),
        stop,
      ],
    });
    await finish(run);
    expect(codes).toEqual([130, 1]);
    expect(readdirSync(folder)).toEqual(["step-00000003.safetensors"]);
    expect(process.listenerCount("SIGINT")).toBe(before);
  });

  it("leaves no handler behind after an error", async () => {
    const before = process.listenerCount("SIGINT");
    const fail = {
      onStepEnd: () => {
        throw new Error("broken");
      },
    };
    await expect(finish(makeRun({ callbacks: [new Interrupt(), fail] }))).rejects.toThrow("broken");
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
