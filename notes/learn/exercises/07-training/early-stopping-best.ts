import type { Exercise } from "../../exercise.ts";

export const earlyStoppingBest: Exercise = {
  id: "early-stopping-best",
  title: "Early stopping: which epoch is the best",
  points: 20,
  part: "implementation",
  kind: "write",
  source: "tensorgrad/src/07-training/callbacks/monitor.ts",
  note: "07-training#a-picture",
  task:
    "After each epoch `see` gets the result. Decide whether it is the best so far. Then set `found` to its value and epoch, and `waited` to 0. " +
    "Otherwise one more epoch was waited. Use `monitored` for the value, and `gain` for the direction: " +
    "it is above 0 where the first value is better. An improvement must exceed `minDelta`. NaN and ∞ are never the best.",
  hints: [
    "Which epoch do you compare with: the one before, or the best one?",
    "`found` is null before the first epoch. After that, ask `gain(direction, value, found.value)`. The docstrings in the file say what `found` and `waited` mean.",
    "better = nothing found yet, or gain > minDelta; best = better and the value is finite; waited = 0 if best, else waited + 1",
    "value ← monitored(call, monitor, result); decide best; if best: found ← { value, epoch }; waited ← 0 or one more; return best",
  ],
  mistakes: [
    {
      name: "compared with the epoch before",
      wrong: `const value = monitored(this.#call, this.#monitor, result);
const better = !this.found || gain(this.#direction, value, this.found.value) > this.#minDelta;
const best = better && Number.isFinite(value);
this.found = { value, epoch: result.epoch };
this.waited = best ? 0 : this.waited + 1;
return best;`,
      says: "A worse epoch overwrites what you have found. A later one that is better than that then counts as the best.",
    },
    {
      name: "less is always better",
      wrong: `const value = monitored(this.#call, this.#monitor, result);
const better = !this.found || value < this.found.value - this.#minDelta;
const best = better && Number.isFinite(value);
if (best) this.found = { value, epoch: result.epoch };
this.waited = best ? 0 : this.waited + 1;
return best;`,
      says: "A falling accuracy counts as better with your code. Let `gain` compare: it knows the direction.",
    },
    {
      name: "NaN can be the best",
      wrong: `const value = monitored(this.#call, this.#monitor, result);
const best = !this.found || gain(this.#direction, value, this.found.value) > this.#minDelta;
if (best) this.found = { value, epoch: result.epoch };
this.waited = best ? 0 : this.waited + 1;
return best;`,
      says: "If the first value is NaN, your code keeps it. Every comparison with NaN is false, so nothing is ever better.",
    },
    {
      name: "the wait never ends",
      wrong: `const value = monitored(this.#call, this.#monitor, result);
const better = !this.found || gain(this.#direction, value, this.found.value) > this.#minDelta;
const best = better && Number.isFinite(value);
if (best) this.found = { value, epoch: result.epoch };
this.waited++;
return best;`,
      says: "You count all epochs. Patience is about epochs since the last improvement.",
    },
  ],
};
