import type { CodeExercise } from "../../exercise.ts";

const cost = (views: string, elements: string, flops: string) => `
  ${views}
  const multiplyAdds = fn.multiplyAdds(inputs, y);
  const elements = ${elements};
  return {
    multiplyAdds,
    flops: ${flops},
    bytesRead: total(inputs),
    bytesWritten: bytesOf(y),
  };`;

const VIEWS = "if (inputs.some((x) => x.storage === y.storage)) return NO_COST;";
const LARGEST = "inputs.reduce((most, x) => Math.max(most, x.size), y.size)";
const FLOPS = "multiplyAdds > 0 ? 2 * multiplyAdds : elements";

export const profilingFlops: CodeExercise = {
  id: "profiling-flops",
  kind: "write",
  title: "What an operation costs",
  points: 25,
  part: "implementation",
  note: "15-profiling#by-hand-first",
  source: "tensorgrad/src/15-profiling/costs.ts",
  task: `
Give the cost of one forward operation: multiply-adds, flops, bytes read and bytes written.

- A view shares its storage with an input. It costs nothing: \`NO_COST\`.
- A product says its own multiply-adds: \`fn.multiplyAdds(inputs, y)\`. Each is two flops.
- Another operation takes one flop for each element of its largest operand, the result included.
- What only moves elements (\`MOVING.has(fn.name)\`) takes no flops, but its bytes count.

\`bytesOf(tensor)\` and \`total(tensors)\` give bytes.`,
  hints: [
    "A sum of 40 numbers has one result. How many additions does it take?",
    "Three kinds of operations: products, those that go through elements, and those that only move. Views are none of them. Do the example of the note by hand.",
    "flops = 2·multiplyAdds if there are any; else the largest of all sizes, inputs and result; 0 if the operation only moves.",
    "if an input shares y's storage: NO_COST; multiplyAdds from fn; elements = moving ? 0 : largest size; bytes: inputs are read, y is written.",
  ],
  mistakes: [
    {
      name: "a multiply-add counted as one flop",
      wrong: cost(
        VIEWS,
        `MOVING.has(fn.name) ? 0 : ${LARGEST}`,
        "multiplyAdds > 0 ? multiplyAdds : elements",
      ),
      says: "A multiply-add is a multiplication and an addition: two flops. Papers that count MACs have half of our number.",
    },
    {
      name: "views take time",
      wrong: cost("", `MOVING.has(fn.name) ? 0 : ${LARGEST}`, FLOPS),
      says: "A view moves no bytes: it is another way to read the same storage.",
    },
    {
      name: "only the elements of the result counted",
      wrong: cost(VIEWS, "MOVING.has(fn.name) ? 0 : y.size", FLOPS),
      says: "A reduction has few results and many additions. Count the elements that the operation goes through.",
    },
    {
      name: "moving counted as computing",
      wrong: cost(VIEWS, LARGEST, FLOPS),
      says: "A copy computes nothing. It has bytes, and no flops.",
    },
  ],
};
