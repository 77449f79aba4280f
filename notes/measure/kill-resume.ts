import { type Kill, killAndResume } from "../../tensorgrad/tests/07-training/kill.fixture.ts";

/**
 * Trainings killed by SIGKILL at 100 random moments, half of them while a file is being written, and taken up again:
 * are all checkpoints readable, do all go on, and do all end with the weights of a run that was never killed, to the
 * bit? Prints one JSON object; exits with 1 if not.
 *
 *   npx tsx notes/measure/kill-resume.ts [kills] [seed]
 */
const [wanted = 100, seed = 1] = process.argv.slice(2).map(Number);
const onKill = ({ optimizer, aim, from, checkpoints }: Kill): boolean =>
  process.stderr.write(`${optimizer}, ${aim}: resumed after step ${from}, left ${checkpoints} checkpoints\n`);

const { kills, trainings, identical, differences } = await killAndResume(wanted, { seed, onKill });
for (const difference of differences) process.stderr.write(`${difference}\n`);
const count = (which: (kill: Kill) => boolean): number => kills.filter(which).length;
const result = {
  seed,
  kills: kills.length,
  resumes: count(({ resumed }) => resumed),
  duringWrites: count(({ unfinished }) => unfinished > 0),
  withCheckpoint: count(({ checkpoints }) => checkpoints > 0),
  unreadable: kills.reduce((sum, { checkpoints, readable }) => sum + checkpoints - readable, 0),
  trainings,
  identical,
};
console.log(JSON.stringify(result));
const good = result.resumes === wanted && result.unreadable === 0 && identical === trainings;
process.exitCode = good ? 0 : 1;
