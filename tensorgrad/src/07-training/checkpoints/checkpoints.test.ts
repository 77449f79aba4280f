import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FixedRun,
  fingerprint,
  finish,
  makeRun,
  type RunOptions,
  untimed,
} from "../../../tests/07-training/training-run.fixture.ts";
import { writer } from "../../00-runtime/node.ts";
import { Checkpoints, type CheckpointsOptions } from "./checkpoints.ts";
import { loadTensors } from "./tensor-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "checkpoints-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("Checkpoints", () => {
  it("keeps the last ones and the best one", async () => {
    const { run } = start({ everySteps: 50, everyEpochs: 2, keep: 2, best: "validation.accuracy" });
    const history = await finish(run);
    expect(files()).toEqual(["best.safetensors", "step-00000100.safetensors", "step-00000128.safetensors"]);
    const scores = history.map(({ validation }) => validation?.metrics.accuracy ?? 0);
    const best = scores.indexOf(Math.max(...scores)) + 1;
    const { metadata } = await loadTensors(join(folder, "best.safetensors"));
    expect(JSON.parse(metadata["tensorgrad.checkpoint"]).trainer.epoch).toBe(best + 1); // the one that comes next
  });

  it("saves after every epoch unless told otherwise, and the end in any case", async () => {
    await finish(start({ keep: 9 }).run);
    expect(files()).toEqual([32, 64, 96, 128].map((n) => `step-${String(n).padStart(8, "0")}.safetensors`));
    rmSync(folder, { recursive: true });
    await finish(start({ everySteps: 100 }).run);
    expect(files()).toEqual(["step-00000100.safetensors", "step-00000128.safetensors"]);
  });

  it("resumes where the last one was saved: same weights, same results, same best one", async () => {
    const options = { everySteps: 7, best: "validation.loss" } as const;
    const whole = start(options, join(folder, "whole"));
    const expected = untimed(await finish(whole.run));

    const first = start(options, join(folder, "parts"), { callbacks: [stopAfter(45)] });
    expect(await first.checkpoints.resume(first.run.trainer)).toBeNull();
    await finish(first.run);
    const second = start(options, join(folder, "parts"), { seed: 50, callbacks: [stopAfter(Infinity)] });
    expect(await second.checkpoints.resume(second.run.trainer)).toMatchObject({ steps: 45, epoch: 2 });
    expect(untimed(await finish(second.run))).toEqual(expected);
    expect(fingerprint(second.run.model)).toBe(fingerprint(whole.run.model));
    const [a, b] = ["whole", "parts"].map((name) => loadTensors(join(folder, name, "best.safetensors")));
    expect((await b).tensors["model.0.weight"].toArray()).toEqual(
      (await a).tensors["model.0.weight"].toArray(),
    );
  });

  it("has nothing to do when a finished run is resumed", async () => {
    const first = start({});
    const history = await finish(first.run);
    const again = start({});
    await again.checkpoints.resume(again.run.trainer);
    const before = files();
    expect(untimed(await finish(again.run))).toEqual(untimed(history));
    expect(files()).toEqual(before);
  });

  it("sets a damaged one aside and takes the one before it", async () => {
    await finish(start({ everySteps: 60 }).run);
    truncateSync(join(folder, "step-00000128.safetensors"), 5);
    const notices: string[] = [];
    const { run, checkpoints } = start({ everySteps: 60, onNotice: (notice) => notices.push(notice) });
    expect(await checkpoints.resume(run.trainer)).toMatchObject({ steps: 120 });
    expect(files()).toContain("step-00000128.safetensors.damaged");
    expect(notices.map((text) => text.replaceAll(folder, "…"))).toMatchInlineSnapshot(`
      [
        "…/step-00000128.safetensors is damaged and was renamed to ….damaged: resume: 5 bytes — a safetensors file has at least 8",
      ]
    `);
  });

  it("takes the one before a file in which any bit was flipped", async () => {
    await finish(start({ everySteps: 60 }).run);
    const newest = join(folder, "step-00000128.safetensors");
    const good = readFileSync(newest);
    const headerBits = 8 * (8 + Number(good.readBigUInt64LE()));
    const bit = fc.oneof(fc.nat({ max: headerBits - 1 }), fc.nat({ max: 8 * good.length - 1 }));
    await fc.assert(
      fc.asyncProperty(bit, async (at) => {
        writeFileSync(newest, good.with(at >> 3, good[at >> 3] ^ (1 << (at & 7))));
        const { run, checkpoints } = start({ everySteps: 60 });
        expect(await checkpoints.resume(run.trainer)).toMatchObject({ steps: 120 });
        expect(files()).toContain("step-00000128.safetensors.damaged");
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it("stops a training whose weights are no longer finite, and keeps the last good file", async () => {
    const break_ = {
      onStepEnd: ({ model }: FixedRun["trainer"], { step }: { step: number }) => {
        if (step === 35) model.parameters()[0].data[3] = Number.NaN;
      },
    };
    const { run } = start({ everySteps: 5 }, folder, { callbacks: [break_] });
    await expect(finish(run)).rejects.toThrow("model.0.weight [24, 2] is NaN at element 3");
    expect(files().at(-1)).toBe("step-00000030.safetensors");
    const again = start({ everySteps: 5 }, folder, { callbacks: [{}] });
    expect(await again.checkpoints.resume(again.run.trainer)).toMatchObject({ steps: 30 });
    expect(again.run.model.parameters()[0].data.every(Number.isFinite)).toBe(true);
  });

  it("keeps the last good file when the loss becomes NaN", async () => {
    const spoil = {
      onStepEnd: ({ model }: FixedRun["trainer"], { step }: { step: number }) => {
        if (step === 34) model.parameters()[3].data[0] = Number.NaN;
      },
    };
    const { run } = start({ everySteps: 30 }, folder, { callbacks: [spoil] });
    await expect(finish(run)).rejects.toThrow(/loss is NaN at step 35/);
    expect(files()).toEqual(["step-00000030.safetensors"]);
  });

  it("refuses a folder in which another run got further, and settings that mean nothing", async () => {
    await finish(start({ everySteps: 100 }).run);
    await expect(finish(start({ everySteps: 100 }).run)).rejects.toThrow(
      /belongs to one run: go on with it by resume/,
    );
    expect(() => new Checkpoints({ folder, everySteps: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Checkpoints: everySteps 0 — an integer ≥ 1]`,
    );
    expect(() => new Checkpoints({ folder, keep: 1.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Checkpoints: keep 1.5 — an integer ≥ 1]`,
    );
    const odd = start({ best: "validation.f1" }, join(folder, "odd"));
    await expect(finish(odd.run)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Checkpoints: monitor "validation.f1" — this training has train.loss, train.accuracy, validation.loss, validation.accuracy; choose one of these]`,
    );
  });

  it("passes on what does not fit instead of skipping it", async () => {
    await finish(start({}).run);
    const other = start({}, folder, { hidden: 7 });
    await expect(other.checkpoints.resume(other.run.trainer)).rejects.toThrow("of another shape");
    expect(files()).toHaveLength(3);
  });
});

describe("a training that begins", () => {
  it("removes what killed writers left", async () => {
    const dead = spawnSync(process.execPath, ["-e", "0"]).pid;
    const [machine] = writer.split("-");
    writeFileSync(join(folder, `step-00000032.safetensors.${machine}-${dead}-0123456789ab-3.tmp`), "half");
    await finish(start({}).run);
    expect(files().filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

// ————— helpers

const files = (): string[] => readdirSync(folder).sort();

/** A run that saves into `at`. */
function start(
  options: Omit<CheckpointsOptions, "folder">,
  at = folder,
  { callbacks, ...others }: RunOptions = {},
) {
  let checkpoints = new Checkpoints({ folder: at });
  const run = makeRun({
    ...others,
    callbacks: (loader) => {
      checkpoints = new Checkpoints({ folder: at, loader, ...options });
      return [checkpoints, ...(Array.isArray(callbacks) ? callbacks : [])]; // it asks to be the last by itself
    },
  });
  return { run, checkpoints };
}

const stopAfter = (steps: number) => ({
  onStepEnd: (trainer: FixedRun["trainer"], { step }: { step: number }) => {
    if (step === steps) trainer.stop();
  },
});
