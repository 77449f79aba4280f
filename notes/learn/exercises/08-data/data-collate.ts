import type { Exercise } from "../../exercise.ts";

export const dataCollate: Exercise = {
  id: "data-collate",
  title: "Examples become a batch",
  points: 20,
  part: "implementation",
  kind: "write",
  source: "tensorgrad/src/08-data/dataset.ts",
  note: "08-data#the-code-in-reading-order",
  task:
    "`collate` calls `stack` for x and for y. Write it: make each example's field a tensor with `asTensor`, and copy all of them into one tensor " +
    "with a new first dim. Refuse an example whose shape or dtype differs from the first one's: a ShapeError that names it. " +
    "The small tensors go with a scope; the batch must outlive it: `temporaries.keep(…)`.",
  hints: [
    "Three examples of shape [2, 2]: which shape has the batch, and at which element does the third begin?",
    "Elements lie row by row. With the new dim first, examples stand one behind the other, so one copy for each will do. `scope` is in note 00.",
    "shape [n, ...shape]; example i begins at element i·size, where size is that of one example. `newEmpty` makes a tensor of the same dtype.",
    "using temporaries = scope(); parts ← tensors; all ← keep(newEmpty([n, ...shape])); for each part: compare shape and dtype, else throw; all.data.set(part.data, i·part.size); return all",
  ],
  mistakes: [
    {
      name: "the batch goes with the scope",
      wrong: `using _ = scope();
const parts = samples.map((sample) => asTensor(sample[field]));
const [{ shape, dtype }] = parts;
const all = parts[0].newEmpty([parts.length, ...shape]);
const to: TypedArray = all.data;
parts.forEach((part, i) => {
  if (show(part.shape) !== show(shape) || part.dtype !== dtype)
    throw new ShapeError(\`collate: \${field} of example \${i} is \${part.dtype} \${show(part.shape)}, of example 0 \${dtype} \${show(shape)}\`);
  to.set(part.data, i * part.size);
});
return all;`,
      says: "The batch is freed when your function returns, with all else that was made in the scope. Keep it.",
    },
    {
      name: "examples overlap",
      wrong: `using temporaries = scope();
const parts = samples.map((sample) => asTensor(sample[field]));
const [{ shape, dtype }] = parts;
const all = temporaries.keep(parts[0].newEmpty([parts.length, ...shape]));
const to: TypedArray = all.data;
to.fill(0);
parts.forEach((part, i) => {
  if (show(part.shape) !== show(shape) || part.dtype !== dtype)
    throw new ShapeError(\`collate: \${field} of example \${i} is \${part.dtype} \${show(part.shape)}, of example 0 \${dtype} \${show(shape)}\`);
  to.subarray(i).set(part.data.subarray(0, to.length - i));
});
return all;`,
      says: "Example i begins at element i in your batch. It must begin behind all elements of the examples before it.",
    },
    {
      name: "the batch is the last dim",
      wrong: `using temporaries = scope();
const parts = samples.map((sample) => asTensor(sample[field]));
const [{ shape, dtype, size }] = parts;
const all = temporaries.keep(parts[0].newEmpty([...shape, parts.length]));
const to: TypedArray = all.data;
parts.forEach((part, i) => {
  if (show(part.shape) !== show(shape) || part.dtype !== dtype)
    throw new ShapeError(\`collate: \${field} of example \${i} is \${part.dtype} \${show(part.shape)}, of example 0 \${dtype} \${show(shape)}\`);
  for (let k = 0; k < size; k++) to[k * parts.length + i] = part.data[k];
});
return all;`,
      says: "Your new dim stands last. Every layer takes the batch as the first dim.",
    },
    {
      name: "shapes are not compared",
      wrong: `using temporaries = scope();
const parts = samples.map((sample) => asTensor(sample[field]));
const all = temporaries.keep(parts[0].newEmpty([parts.length, ...parts[0].shape]));
const to: TypedArray = all.data;
to.fill(0);
parts.forEach((part, i) => {
  to.set(part.data.subarray(0, parts[0].size), i * parts[0].size);
});
return all;`,
      says: "An example of another shape goes into your batch unnoticed. The error must say which example it is.",
    },
  ],
};
