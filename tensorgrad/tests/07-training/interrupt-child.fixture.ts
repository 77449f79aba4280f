import { setTimeout } from "node:timers/promises";
import { Checkpoints, Interrupt } from "tensorgrad/train/node";
import { finish, makeRun } from "./training-run.fixture.ts";

/** A training that is to be interrupted: after step 40 it waits between steps, for as many milliseconds as it is told. */
const [folder, pause] = process.argv.slice(2);
const run = makeRun({
  callbacks: (loader) => [
    new Checkpoints({ folder, loader }),
    new Interrupt(),
    {
      onStepEnd: async (_, { step }) => {
        if (step < 40) return;
        process.stdout.write(`step ${step}\n`);
        await setTimeout(Number(pause));
      },
    },
  ],
});
await finish(run);
process.stdout.write("finished without an interruption\n");
