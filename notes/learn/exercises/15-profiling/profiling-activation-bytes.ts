import type { CodeExercise } from "../../exercise.ts";

const end = (last: string) => `
    if (!this.#kinds.pop()) return;
    this.#depth--;
    ${last}`;

export const profilingActivationBytes: CodeExercise = {
  id: "profiling-activation-bytes",
  kind: "find",
  title: "Memory that is counted twice",
  points: 25,
  part: "implementation",
  note: "15-profiling#systems-analysis",
  source: "tensorgrad/src/15-profiling/memory.ts",
  starts: "a view counted like a result of its own",
  task: `
\`measureMemory\` predicts how many bytes a forward pass leaves for backward: the results of all operations, each storage once.
\`Results\` listens to the runtime. \`end(y)\` is called when an activity ends, with its result.
\`#kinds\` remembers whether that activity was an operation, and \`#depth\` how many operations are open.
An operation may be made of others; only the outermost one's result is kept.

The prediction is too large for a model with a layer that turns its input, or takes a part of it. Find out why, and mend it.
\`#seen\` is a set of storages.`,
  hints: [
    "What does `x.t()` give, and where do its numbers lie?",
    "Three things are left out: what is no tensor, what is inside another operation, and storage that was counted before.",
    "Count bytesOf(y) if depth is 0 after this operation, y is a tensor, and y.storage is not in the set. Then put it there.",
    "not an operation: return; depth −1; if depth > 0, or y is no tensor, or its storage was seen: return; remember the storage; add the bytes.",
  ],
  mistakes: [
    {
      name: "a view counted like a result of its own",
      wrong: end("if (this.#depth > 0 || !isTensor(y)) return;\n    this.bytes += bytesOf(y);"),
      says: "A view shares the storage of its input. Those bytes were counted when the input was made.",
    },
    {
      name: "only views of a part recognized",
      wrong: end(
        "if (this.#depth > 0 || !isTensor(y) || y.size < y.storage.size) return;\n    this.bytes += bytesOf(y);",
      ),
      says: "A view of all elements shares its storage, too. Compare storages, not sizes.",
    },
    {
      name: "elements counted for bytes",
      wrong: end(
        "if (this.#depth > 0 || !isTensor(y) || this.#seen.has(y.storage)) return;\n    this.#seen.add(y.storage);\n    this.bytes += y.size;",
      ),
      says: "You count numbers. A number of float32 takes four bytes.",
    },
  ],
};
