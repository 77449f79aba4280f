import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finish, makeRun } from "../../../tests/07-training/training-run.fixture.ts";
import { decodeTensors } from "../../07-training/index.ts";
import { Checkpoints, Experiment } from "../../07-training/node.ts";
import { addRun } from "./from-run.ts";
import { Registry } from "./registry.ts";

let root: string;
let accuracies: number[];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "from-run-"));
  const experiment = new Experiment({
    name: "spiral",
    root: join(root, "runs"),
    seed: 3,
    tensorboard: false,
  });
  const checkpoints = new Checkpoints({
    folder: experiment.path("checkpoints"),
    best: "validation.accuracy",
  });
  const epochs = await finish(makeRun({ seed: 3, callbacks: [experiment, checkpoints] }));
  accuracies = epochs.map(({ validation }) => validation?.metrics.accuracy ?? 0);
  const without = new Experiment({ name: "bare", root: join(root, "runs"), seed: 3, tensorboard: false });
  await finish(makeRun({ seed: 3, callbacks: [without] }));
});
afterAll(() => rmSync(root, { recursive: true }));

describe("addRun", () => {
  it("takes the weights of the best checkpoint, the epochs' best values, and where they come from", async () => {
    const registry = new Registry(join(root, "models"));
    const version = await addRun(registry, "spiral", { runs: join(root, "runs") });
    expect(version.model).toBe("spiral");
    expect(version.run).toMatchObject({
      id: "spiral-001",
      checkpoint: "checkpoints/best.safetensors",
      seed: 3,
    });
    expect(version.metrics["validation.accuracy"]).toBe(Math.max(...accuracies));
    const { content } = await registry.read("spiral", version.version);
    const { model } = makeRun({ seed: 9 });
    model.loadStateDict(decodeTensors(content).tensors); // the names of a stateDict, and nothing else
  });

  it("names a run that is not there, or saved no weights", async () => {
    const registry = new Registry(join(root, "models"));
    const add = (id: string) => addRun(registry, id, { runs: join(root, "runs") });
    await expect(add("mlp")).rejects.toThrow(/no run mlp — there are bare-001, spiral-001/);
    await expect(add("bare")).rejects.toThrow(
      /^registry add bare-001: no checkpoint in .* — a training saves them there with new Checkpoints/,
    );
  });
});
