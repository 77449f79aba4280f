import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { defaultRandom, FormatError, heap, manualSeed, Random, scope, type Tensor, zeros } from "tensorgrad";
import { DataLoader, TensorDataset } from "tensorgrad/data";
import { Linear, Module, ReLU, Sequential } from "tensorgrad/nn";
import { Adam, SGD } from "tensorgrad/optim";
import { decodeTensors, encodeTensors } from "tensorgrad/train";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FixedRun,
  fingerprint,
  finish,
  makeRun,
  untimed,
} from "../../../tests/07-training/training-run.fixture.ts";
import { settledHeap } from "../../../tests/heap.fixture.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { CHECKSUM, encodeChecked } from "./checksum.ts";
import type { Tensors } from "./safetensors.ts";
import { loadTensors, saveTensors } from "./tensor-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "checkpoint-"));
  path = join(folder, "c.safetensors");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Messages without the folder's random name. */
const message = async (run: () => Promise<unknown>): Promise<string> =>
  run().then(
    () => "no error",
    (error: Error) =>
      `${error.name}: ${error.message.replaceAll(folder, "…").replace(/[0-9a-f]{12}…/g, "#…")}`,
  );

describe("saveTensors and loadTensors", () => {
  it("keep a model's weights under their names", async () => {
    const model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
    await saveTensors(path, model.stateDict(), { metadata: { epoch: "3" } });
    const { tensors, metadata } = await loadTensors(path);
    expect(Object.keys(tensors).sort()).toEqual(["0.bias", "0.weight", "2.bias", "2.weight"]);
    expect(metadata).toEqual({ epoch: "3" });
    const other = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2));
    other.loadStateDict(tensors);
    expect(fingerprint(other)).toBe(fingerprint(model));
  });

  it("say what is wrong with a path", async () => {
    expect(await message(() => loadTensors(path))).toMatchInlineSnapshot(
      `"FormatError: loadTensors(…/c.safetensors): there is no such file — expected a safetensors file"`,
    );
    expect(await message(() => loadTensors(folder))).toMatchInlineSnapshot(
      `"FormatError: loadTensors(…): this is a folder — expected a safetensors file"`,
    );
    spawnSync("mkfifo", [path]);
    expect(await message(() => loadTensors(path))).toMatchInlineSnapshot(
      `"FormatError: loadTensors(…/c.safetensors): this is a pipe or a device, no regular file — expected a safetensors file"`,
    );
    rmSync(path);
    expect(await message(() => saveTensors(join(folder, "none", "x"), {}))).toMatch(/^Error: ENOENT/);
  });
});

describe("saveCheckpoint and loadCheckpoint", () => {
  const moments = { adam: [1, 7, 32, 33, 128], momentum: [32, 45] } as const; // an epoch has 32 steps
  for (const optimizer of ["adam", "momentum"] as const) {
    for (const after of moments[optimizer]) {
      it(`go on after step ${after} as if nothing had happened (${optimizer})`, async () => {
        const whole = makeRun({ optimizer });
        const expected = untimed(await finish(whole));

        const first = makeRun({ optimizer, callbacks: [stopAfter(after)] });
        await finish(first);
        expect(first.trainer.steps).toBe(after);
        await saveCheckpoint(path, { ...first, metadata: { note: "here" } });

        const second = makeRun({ optimizer, seed: 99, callbacks: [stopAfter(Infinity)] });
        const info = await loadCheckpoint(path, second);
        expect(info).toEqual({
          path,
          steps: after,
          epoch: Math.floor((after - (after % 32 ? 0 : 1)) / 32) + 1,
          metadata: { note: "here" },
        });
        expect(untimed(await finish(second))).toEqual(expected);
        expect(fingerprint(second.model)).toBe(fingerprint(whole.model));
      });
    }
  }

  it("leave the heap as it was", async () => {
    const run = makeRun({ callbacks: [stopAfter(3)] });
    await finish(run);
    await saveCheckpoint(path, run);
    await loadCheckpoint(path, run);
    const live = await settledHeap();
    await saveCheckpoint(path, run);
    await loadCheckpoint(path, run);
    expect(heap.live).toBe(live);
  });

  it("name tensors for other programs, and say in JSON all the rest", async () => {
    const run = makeRun();
    await saveCheckpoint(path, run);
    const { tensors, metadata } = decodeTensors(readFileSync(path));
    expect(Object.keys(tensors).filter((name) => name.startsWith("model."))).toEqual(
      expect.arrayContaining(["model.0.weight", "model.0.bias", "model.3.weight", "model.3.bias"]),
    );
    expect(Object.keys(tensors)).toContain("optimizer.0.m");
    const state = JSON.parse(metadata["tensorgrad.checkpoint"]);
    expect(state).toMatchObject({
      version: 2,
      model: "Sequential",
      optimizer: { name: "Adam" },
      loader: { batch: 0 },
    });
  });

  it("need no trainer: a loop by hand has the same parts", async () => {
    const model = new Linear(2, 1);
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    const schedule = memory({ lr: 0.5, best: Infinity });
    await saveCheckpoint(path, { model, optimizer, schedule });
    const kept = fingerprint(model);
    model.weight.assign([7, 7]);
    schedule.loadStateDict({ lr: 1 });
    await loadCheckpoint(path, { model, optimizer, schedule });
    expect(fingerprint(model)).toBe(kept);
    expect(schedule.stateDict()).toEqual({ lr: 0.5, best: Infinity });
  });

  it("touch only what they are given: a model alone for use, all generators where there are several", async () => {
    const random = new Random(4);
    const data = new TensorDataset(zeros([4, 2]), zeros([4]));
    const loader = new DataLoader(data, { shuffle: true, random });
    const model = new Linear(2, 1);
    manualSeed(8);
    await saveCheckpoint(path, { model, loader });
    random.uniform();
    defaultRandom.uniform();
    await loadCheckpoint(path, { model });
    expect(random.state.position).toBe(2);
    expect(defaultRandom.state).toEqual({ seed: 8, position: 0 });
    await loadCheckpoint(path, { model, loader });
    expect(random.state).toEqual({ seed: 4, position: 0 });
  });

  it("replace a file at once, and leave nothing beside it", async () => {
    const run = makeRun();
    await saveCheckpoint(path, run);
    await saveCheckpoint(path, run);
    expect(readdirSync(folder)).toEqual(["c.safetensors"]);
  });
});

describe("saveCheckpoint keeps the last good file", () => {
  it("when a weight is not finite", async () => {
    const run = makeRun();
    await saveCheckpoint(path, run);
    const good = readFileSync(path);
    run.model.parameters()[0].data[5] = Number.NaN;
    expect(await message(() => saveCheckpoint(path, run))).toMatchInlineSnapshot(
      `"RangeError: saveCheckpoint(…/c.safetensors): model.0.weight [24, 2] is NaN at element 5 — only finite numbers are saved, so that a good checkpoint is never replaced by a bad one; go back to the last one, lower the learning rate or clip the gradients"`,
    );
    run.model.parameters()[0].data[5] = 0;
    run.optimizer.stateDict().tensors["2.v"].data[1] = Infinity;
    expect(await message(() => saveCheckpoint(path, run))).toMatchInlineSnapshot(
      `"RangeError: saveCheckpoint(…/c.safetensors): optimizer.2.v [3, 24] is Infinity at element 1 — only finite numbers are saved, so that a good checkpoint is never replaced by a bad one; go back to the last one, lower the learning rate or clip the gradients"`,
    );
    expect(readFileSync(path)).toEqual(good);
    expect(readdirSync(folder)).toEqual(["c.safetensors"]);
  });
});

describe("a checkpoint in which one bit was flipped, anywhere", () => {
  it("is refused as damaged", async () => {
    const model = new Linear(2, 1);
    await saveCheckpoint(path, { model, metadata: { note: "α" } });
    const good = readFileSync(path);
    const kept = fingerprint(model);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 8 * good.length - 1 }), async (bit) => {
        writeFileSync(path, good.with(bit >> 3, good[bit >> 3] ^ (1 << (bit & 7))));
        await expect(loadCheckpoint(path, { model })).rejects.toThrow(FormatError);
        expect(fingerprint(model)).toBe(kept);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe("metadata of a checkpoint", () => {
  it("come back as they were, or are refused", async () => {
    const model = new Linear(1, 1);
    await fc.assert(
      fc.asyncProperty(fc.anything({ withBigInt: true, withDate: true, withMap: true }), async (given) => {
        const metadata = given as never;
        const saved = await saveCheckpoint(path, { model, metadata }).then(
          () => true,
          (error: Error) => {
            expect(error.message).toContain("metadata");
            return false;
          },
        );
        if (!saved) return;
        const back = (await loadCheckpoint(path, { model })).metadata;
        expect(JSON.stringify(back)).toBe(JSON.stringify(metadata ?? null));
      }),
      { seed: 1 },
    );
  });

  it("are refused with their place", async () => {
    const save = (metadata: unknown) =>
      message(() => saveCheckpoint(path, { model: new Linear(1, 1), metadata: metadata as never }));
    expect(await save({ runs: [1, { best: Number.NaN }] })).toMatchInlineSnapshot(
      `"TypeError: saveCheckpoint(…/c.safetensors): metadata.runs.1.best is NaN — only what JSON can say is saved and comes back: null, booleans, finite numbers, strings, lists and plain objects of them"`,
    );
    expect(await save({ started: new Date(0) })).toMatchInlineSnapshot(
      `"TypeError: saveCheckpoint(…/c.safetensors): metadata.started is Date — only what JSON can say is saved and comes back: null, booleans, finite numbers, strings, lists and plain objects of them"`,
    );
    let deep: unknown = 1;
    for (let i = 0; i < 6000; i++) deep = [deep];
    expect(await save(deep)).toMatchInlineSnapshot(
      `"TypeError: saveCheckpoint(…/c.safetensors): metadata.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0… — metadata are at most 50 deep"`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("loadCheckpoint refuses, and changes nothing:", () => {
  const cases: Record<string, (good: Uint8Array, run: FixedRun) => Promise<unknown>> = {
    "a file that is not there": async (_, run) => loadCheckpoint(join(folder, "none"), run),
    "a truncated file": async (good, run) => load(good.subarray(0, good.length - 9), run),
    "an empty file": async (_, run) => load(new Uint8Array(0), run),
    "plain tensors": async (_, run) => load(encodeTensors({ w: zeros([1]) }), run),
    "state that is not JSON": async (good, run) =>
      load(
        edited(good, () => "{"),
        run,
      ),
    "a newer version": async (good, run) => load(withState(good, { version: 3 }), run),
    "a version that is no number": async (good, run) => load(withState(good, { version: "1" }), run),
    "damaged state": async (good, run) =>
      load(withState(good, { random: { 0: { seed: -1, position: 0 } } }), run),
    "damaged settings": async (good, run) => load(withSettings(good, { lr: "fast" }), run),
    "settings that are missing": async (good, run) => load(withSettings(good, { eps: undefined }), run),
    "a damaged loader": async (good, run) =>
      load(withState(good, { loader: { pass: null, batch: 700 } }), run),
    "a damaged trainer": async (good, run) =>
      load(withState(good, { trainer: { epoch: 0, steps: 0, batch: 0 } }), run),
    "history without a training": async (good, run) =>
      load(withTrainer(good, { history: [{ epoch: 1, validation: null }] }), run),
    "sums that are no numbers": async (good, run) => load(withTrainer(good, { pass: { steps: 1 } }), run),
    "a state nested 6,000 deep": async (good, run) =>
      load(
        edited(good, (state) =>
          state.replace('"metadata":null', `"metadata":${"[".repeat(6000)}${"]".repeat(6000)}`),
        ),
        run,
      ),
    "weights that were changed": async (good, run) => load(good.with(good.length - 1, 77), run),
    "no checksum": async (good, run) => {
      const { tensors, metadata } = decodeTensors(good);
      return load(
        encodeTensors(tensors, { "tensorgrad.checkpoint": metadata["tensorgrad.checkpoint"] }),
        run,
      );
    },
    "another trainer's callbacks": async (good) => load(good, makeRun({ callbacks: [{}, {}] })),
    "weights of another shape": async (good) => load(good, makeRun({ hidden: 9 })),
    "another model's": async (good, { trainer }) => load(good, { model: new Other(), trainer }),
    "weights of another dtype": async (good) => load(good, { model: makeRun().model.to("float64") }),
    "another optimizer's": async (good) => load(good, makeRun({ optimizer: "momentum" })),
    "an optimizer of fewer parameters": async (good, { model }) =>
      load(good, { model, optimizer: new Adam(model.parameters().slice(1)) }),
    "a part that was not saved": async (_, run) => {
      await saveCheckpoint(path, { model: run.model });
      return loadCheckpoint(path, run);
    },
    "a generator that was not saved": async (good, { model }) =>
      load(good, { model, random: [new Random(1), new Random(2)] }),
    "optimizer tensors that are missing": async (good, run) => {
      const { tensors, metadata } = decodeTensors(good);
      const { "optimizer.1.m": _, ...rest } = tensors;
      return load(encodeAgain(rest, metadata), run);
    },
  };
  const messages: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(cases)) {
    it(name, async () => {
      const saved = makeRun({ callbacks: [stopAfter(40)] });
      await finish(saved);
      await saveCheckpoint(path, saved);
      const good = readFileSync(path);
      const run = makeRun({ seed: 3, callbacks: [{}] });
      const before = everything(run);
      const random = defaultRandom.state;
      messages[name] = await message(() => attempt(good, run));
      expect(messages[name]).not.toBe("no error");
      expect(everything(run)).toEqual(before);
      if (!name.includes("other") && !name.includes("dtype")) expect(defaultRandom.state).toEqual(random);
    });
  }

  it("with messages that list what does not fit", () => {
    expect(messages).toMatchInlineSnapshot(`
      {
        "a damaged loader": "RangeError: DataLoader.loadStateDict: batch 700 of a pass of 32 — the state is another loader's; resume with the same data, sampler, batchSize and dropLast",
        "a damaged trainer": "FormatError: Trainer.loadStateDict: epoch is 0 — expected an integer ≥ 1",
        "a file that is not there": "FormatError: loadCheckpoint(…/none): there is no such file — expected a safetensors file",
        "a generator that was not saved": "FormatError: loadCheckpoint(…/c.safetensors): states of the generators 0, given 0, 1 — pass the same { random, loader } as to saveCheckpoint",
        "a newer version": "FormatError: loadCheckpoint(…/c.safetensors): the checkpoint has format 3 — this tensorgrad reads formats up to 2; update tensorgrad",
        "a part that was not saved": "FormatError: loadCheckpoint(…/c.safetensors): no state of the optimizer — it was saved without; leave out { optimizer }, or save it as well",
        "a state nested 6,000 deep": "FormatError: loadCheckpoint(…/c.safetensors): "tensorgrad.checkpoint" is not JSON — the state is damaged, or not from saveCheckpoint",
        "a truncated file": "FormatError: loadCheckpoint(…/c.safetensors): tensor "optimizer.3.v" has bytes 1752 to 1764, the file has 1755 of them — the file is truncated",
        "a version that is no number": "FormatError: loadCheckpoint(…/c.safetensors): version: Invalid input: expected number, received string — the state is damaged, or not from saveCheckpoint",
        "an empty file": "FormatError: loadCheckpoint(…/c.safetensors): 0 bytes — a safetensors file has at least 8",
        "an optimizer of fewer parameters": "RangeError: loadCheckpoint(…/c.safetensors): the state of Adam with 4 parameter(s) in 1 group(s) for Adam with 3 parameter(s) in 1 group(s) — make the same optimizer for the same Sequential",
        "another model's": "ShapeError: loadCheckpoint(…/c.safetensors): a checkpoint of Sequential for Other: missing: hidden.weight, hidden.bias; unexpected: 0.bias, 0.weight, 3.bias, 3.weight — names, shapes and dtypes must be those of the model that was saved",
        "another optimizer's": "RangeError: loadCheckpoint(…/c.safetensors): the state of Adam with 4 parameter(s) in 1 group(s) for SGD with 4 parameter(s) in 1 group(s) — make the same optimizer for the same Sequential",
        "another trainer's callbacks": "FormatError: Trainer.loadStateDict: the state of 1 callback(s) for a trainer with 2 — make the trainer with the same callbacks, in the same order",
        "damaged settings": "RangeError: loadCheckpoint(…/c.safetensors): the settings amsgrad boolean, betas 2, eps number, lr string, weightDecay number for those of Adam, amsgrad boolean, betas 2, eps number, lr number, weightDecay number — names and types must be equal",
        "damaged state": "FormatError: loadCheckpoint(…/c.safetensors): random.0.seed: Too small: expected number to be >=0 — the state is damaged, or not from saveCheckpoint",
        "history without a training": "FormatError: Trainer.loadStateDict: history[0] is {"epoch":1,"validation":null} — expected { epoch, train, validation } with the means of a pass",
        "no checksum": "FormatError: loadCheckpoint(…/c.safetensors): there is no checksum — checkpoints have one since format 2; the file is damaged",
        "optimizer tensors that are missing": "ShapeError: loadCheckpoint(…/c.safetensors): the optimizer: missing: 1.m — names, shapes and dtypes must be those of the Adam that was saved",
        "plain tensors": "FormatError: loadCheckpoint(…/c.safetensors): a safetensors file without "tensorgrad.checkpoint" among its metadata — expected what saveCheckpoint wrote; read plain tensors with loadTensors, then model.loadStateDict",
        "settings that are missing": "RangeError: loadCheckpoint(…/c.safetensors): the settings amsgrad boolean, betas 2, lr number, weightDecay number for those of Adam, amsgrad boolean, betas 2, eps number, lr number, weightDecay number — names and types must be equal",
        "state that is not JSON": "FormatError: loadCheckpoint(…/c.safetensors): "tensorgrad.checkpoint" is not JSON — the state is damaged, or not from saveCheckpoint",
        "sums that are no numbers": "FormatError: Trainer.loadStateDict: pass is {"steps":1} — expected the sums of a pass, or null",
        "weights of another dtype": "ShapeError: loadCheckpoint(…/c.safetensors): this Sequential is another one: of another dtype: 0.weight (float32 for float64), 0.bias (float32 for float64), 3.weight (float32 for float64), 3.bias (float32 for float64) — names, shapes and dtypes must be those of the model that was saved",
        "weights of another shape": "ShapeError: loadCheckpoint(…/c.safetensors): this Sequential is another one: of another shape: 0.weight ([24, 2] for [9, 2]), 0.bias ([24] for [9]), 3.weight ([3, 24] for [3, 9]) — names, shapes and dtypes must be those of the model that was saved",
        "weights that were changed": "FormatError: loadCheckpoint(…/c.safetensors): the content has the checksum #…, it was written with #… — the file was damaged or changed since; take an earlier one",
      }
    `);
  });
});

// ————— helpers

class Other extends Module {
  readonly hidden = new Linear(2, 4);
  forward(x: Tensor): Tensor {
    return this.hidden.forward(x);
  }
}

const stopAfter = (steps: number) => ({
  onStepEnd: (trainer: FixedRun["trainer"], { step }: { step: number }) => {
    if (step === steps) trainer.stop();
  },
});

/** A schedule that only remembers. */
function memory(state: Record<string, number | null>) {
  return {
    getLr: () => 1,
    stateDict: () => state,
    loadStateDict: (given: Readonly<Record<string, number | null>>) => {
      state = { ...given };
    },
  };
}

function load(bytes: Uint8Array, run: Parameters<typeof loadCheckpoint>[1]): Promise<unknown> {
  writeFileSync(path, bytes);
  return loadCheckpoint(path, run);
}

function edited(good: Uint8Array, edit: (state: string) => string): Uint8Array {
  using _ = scope();
  const { tensors, metadata } = decodeTensors(good);
  const key = "tensorgrad.checkpoint";
  return encodeAgain(tensors, { ...metadata, [key]: edit(metadata[key]) });
}

/** With a checksum of its own: somebody who knows the format wrote this. */
const encodeAgain = (tensors: Tensors, { [CHECKSUM]: _, ...metadata }: Record<string, string>): Uint8Array =>
  encodeChecked(tensors, metadata);

const withTrainer = (good: Uint8Array, changes: object): Uint8Array =>
  edited(good, (text) => {
    const state = JSON.parse(text);
    return JSON.stringify({ ...state, trainer: { ...state.trainer, ...changes } });
  });

const withState = (good: Uint8Array, changes: object): Uint8Array =>
  edited(good, (state) => JSON.stringify({ ...JSON.parse(state), ...changes }));

/** Changes the settings of the optimizer's only group. */
const withSettings = (good: Uint8Array, changes: object): Uint8Array =>
  edited(good, (text) => {
    const state = JSON.parse(text);
    state.optimizer.groups[0] = { ...state.optimizer.groups[0], ...changes };
    return JSON.stringify(state);
  });

/** All that loading may change. */
function everything({ model, optimizer, trainer, loader }: FixedRun): unknown {
  const state = optimizer.stateDict();
  const tensors = Object.entries(state.tensors).map(([name, { data }]) => [name, [...data]]);
  return structuredClone([
    fingerprint(model),
    state.groups,
    state.steps,
    tensors,
    trainer.stateDict(),
    loader.stateDict(),
  ]);
}
