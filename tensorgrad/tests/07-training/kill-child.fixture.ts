import { Checkpoints } from "tensorgrad/train/node";
import { fingerprint, finish, makeRun, type RunOptions, untimed } from "./training-run.fixture.ts";

/**
 * A training that may be killed at any moment and started again:
 *
 *   node --import tsx kill-child.fixture.ts <folder> <adam|momentum>
 *
 * Prints one line of JSON when it begins, and one when it is done.
 */
const [folder, optimizer] = process.argv.slice(2) as [string, NonNullable<RunOptions["optimizer"]>];
const say = (what: object): boolean => process.stdout.write(`${JSON.stringify(what)}\n`);

let checkpoints: Checkpoints | undefined;
const run = makeRun({
  optimizer,
  callbacks: (loader) => {
    checkpoints = new Checkpoints({ folder, loader, everySteps: 3, everyEpochs: 1, best: "validation.loss" });
    return [checkpoints];
  },
});
const resumed = await checkpoints?.resume(run.trainer);
say({ event: "start", from: resumed?.steps ?? 0 });
const history = await finish(run);
say({ event: "done", steps: run.trainer.steps, weights: fingerprint(run.model), history: untimed(history) });
