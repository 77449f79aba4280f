import type { Exercise } from "../../exercise.ts";

export const embeddingLookup: Exercise = {
  id: "embedding-lookup",
  title: "Look up rows, but not every row learns",
  points: 30,
  part: "implementation",
  kind: "derive",
  source: "tensorgrad/src/11-embeddings/embedding.ts",
  note: "11-embeddings#the-rule",
  task:
    "First on paper: write the lookup of ids 0, 2, 0 as a product of a one-hot matrix with the table. What is the gradient of the table for a gradient g? " +
    "Then write `lookup`. Check the ids with `checkIds`. Take the rows with `indexSelect`, and give them the shape of ids with the width behind it. " +
    "The row of `padding` is read like any other, but no gradient may flow back to it.",
  hints: [
    "Which rows of g reach row 0 of the table? What should happen to those that came from the padding?",
    "Selecting rows is differentiable, and adds up by itself where an id repeats. A value without its gradient is what `detach` gives. `where` chooses between two tensors.",
    "y = weight.indexSelect(0, ids in a row), reshaped to [...ids.shape, D]; where ids ≠ padding: y, else y.detach()",
    "checkIds(call, ids, V); rows ← indexSelect; y ← reshape; if there is no padding, return y; visible ← ids.ne(padding).unsqueeze(-1); return visible.where(y, y.detach())",
  ],
  mistakes: [
    {
      name: "the row of the padding learns",
      fault: "Embedding: the row of the padding learns",
      wrong: `checkIds(call, ids, weight.shape[0]);
return weight.indexSelect(0, ids.reshape(ids.size)).reshape([...ids.shape, weight.shape[1]]);`,
      says: "The row of the padding gets a gradient like the others. What fills up must not learn.",
    },
    {
      name: "the padding reads zeros",
      wrong: `checkIds(call, ids, weight.shape[0]);
const y = weight.indexSelect(0, ids.reshape(ids.size)).reshape([...ids.shape, weight.shape[1]]);
return padding === null ? y : ids.ne(padding).unsqueeze(-1).where(y, 0);`,
      says: "You have put zeros in place of the row. It is read as it stands in the table; only its gradient is cut off.",
    },
    {
      name: "the padding alone learns",
      wrong: `checkIds(call, ids, weight.shape[0]);
const y = weight.indexSelect(0, ids.reshape(ids.size)).reshape([...ids.shape, weight.shape[1]]);
return padding === null ? y : ids.ne(padding).unsqueeze(-1).where(y.detach(), y);`,
      says: "Your two branches are swapped. `where` takes the first where the condition is true.",
    },
    {
      name: "the shape of the ids is lost",
      wrong: `checkIds(call, ids, weight.shape[0]);
const y = weight.indexSelect(0, ids.reshape(ids.size));
return padding === null ? y : ids.reshape(ids.size).ne(padding).unsqueeze(-1).where(y, y.detach());`,
      says: "Your result has one row for each id, whatever shape the ids had. Ids [B, T] give [B, T, D].",
    },
  ],
};
