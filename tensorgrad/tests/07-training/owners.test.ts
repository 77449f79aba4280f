import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { Checkpoints, Experiment } from "tensorgrad/train/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Callback } from "../../src/07-training/callbacks/callback.ts";
import { column, scaling } from "./scaling.fixture.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "owners-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const batches = [1, 2, 3].map((x) => ({ x: column(x), y: column(x) }));
const training = (...callbacks: Callback[]) => scaling({ callbacks });

describe("one trainer", () => {
  it("fits once at a time, and the first fit goes on unmoved", async () => {
    const { trainer } = training();
    const first = trainer.fit(batches, { epochs: 3 });
    const shown = (error: Error) => error.message.replace(/\d{4}-\S+Z/, "<time>");
    const calls = [trainer.fit(batches), trainer.trainEpoch(batches)];
    for (const call of calls)
      await expect(call).rejects.toThrow(/has been training since \S+ and is in epoch 1/);
    expect(await trainer.fit(batches).catch(shown)).toMatchInlineSnapshot(
      `"fit: this trainer has been training since <time> and is in epoch 1 — it trains once at a time; await the first call, or make a second trainer with a model of its own"`,
    );
    expect(() => trainer.loadStateDict(trainer.stateDict())).toThrow(
      "Trainer.loadStateDict: this trainer has been",
    );
    expect((await first).length).toBe(3);
    expect(trainer.steps).toBe(9);
    await trainer.fit(batches); // one after the other is fine, also after an error
    await expect(trainer.fit([])).rejects.toThrow("no batches");
    await trainer.fit(batches);
  });
});

describe("a folder of checkpoints", () => {
  it("belongs to one training at a time: another is refused, by name, and disturbs nothing", async () => {
    const [one, two] = [training(new Checkpoints({ folder })), training(new Checkpoints({ folder }))];
    const first = one.trainer.fit(batches, { epochs: 3 });
    await new Promise((resolve) => setTimeout(resolve, 1));
    const error = await two.trainer.fit(batches).catch((error: Error) => error.message);
    expect(
      String(error)
        .replaceAll(folder, "…")
        .replaceAll(hostname(), "<host>")
        .replace(/\(\d+/, "(<pid>")
        .replace(/\d{4}-\S+Z/, "<time>"),
    ).toMatchInlineSnapshot(
      `"Checkpoints(…): in use by this process (<pid> on <host>) since <time> — two trainings in one folder would mix their weights; wait until the other has ended, or give this one a folder of its own"`,
    );
    await first;
    expect(readdirSync(folder)).toEqual([3, 6, 9].map((step) => `step-0000000${step}.safetensors`));
    await expect(two.trainer.fit(batches)).rejects.toThrow("has a checkpoint after step 9"); // as ever
  });

  it("belongs to one training at a time also where two share the callback", async () => {
    const checkpoints = new Checkpoints({ folder });
    const [one, two] = [training(checkpoints), training(checkpoints)];
    const first = one.trainer.fit(batches, { epochs: 2 });
    await new Promise((resolve) => setTimeout(resolve, 1));
    await expect(two.trainer.fit(batches)).rejects.toThrow("in use by this process");
    const third = training(new Checkpoints({ folder })); // the refusal has freed nothing
    await expect(third.trainer.fit(batches)).rejects.toThrow("in use by this process");
    await first;
  });
});

describe("a run", () => {
  it("that is under way is not resumed: its lines would mix", async () => {
    const experiment = new Experiment({ name: "mlp", root: folder, seed: 1, tensorboard: false });
    const { trainer } = training(experiment);
    const fit = trainer.fit(batches, { epochs: 2 });
    const record = readFileSync(experiment.path("run.json"), "utf8");
    const resume = () => new Experiment({ root: folder, resume: experiment.id, tensorboard: false });
    expect(resume).toThrow(
      /^Experiment mlp-001: in use by this process \(\d+ on .*\) since .*Z — a run has one process at a time/,
    );
    expect(readFileSync(experiment.path("run.json"), "utf8")).toBe(record);
    await fit;
    const again = resume(); // it has ended
    await training(again).trainer.fit(batches);
    expect(readdirSync(experiment.folder)).not.toContain("run.owner.json");
  });

  it("takes one training at a time, one after the other", async () => {
    const experiment = new Experiment({ name: "mlp", root: folder, seed: 1, tensorboard: false });
    const [one, two] = [training(experiment), training(experiment)];
    const first = one.trainer.fit(batches, { epochs: 2 });
    await expect(two.trainer.fit(batches)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Experiment mlp-001: another training writes to it, in this process — a run has one at a time; await the first one, or make a second Experiment]`,
    );
    await first;
    expect(JSON.parse(readFileSync(experiment.path("run.json"), "utf8")).status).toBe("finished");
    await two.trainer.fit(batches);
  });
});
