import type { CodeExercise } from "../../exercise.ts";

/** Both orders of norm and branch, with one way to add a branch. */
const block = (sum: string, first: string, second: string) => `
    const { attentionNorm, mlpNorm, mlp } = this;
    const sum = (x: Tensor, branch: Tensor) => ${sum};
    if (this.normFirst) {
      ${first}
      ${second}
    }
    const seen = attentionNorm.forward(sum(x, attend(x)));
    return mlpNorm.forward(sum(seen, mlp.forward(seen)));`;

const ADDED = "x.add(this.dropout.forward(branch))";
const SEEN = "const seen = sum(x, attend(attentionNorm.forward(x)));";
const THOUGHT = "return sum(seen, mlp.forward(mlpNorm.forward(seen)));";

export const transformerBlock: CodeExercise = {
  id: "transformer-block",
  kind: "write",
  title: "The two sums of a block",
  points: 25,
  part: "implementation",
  note: "13-transformers#the-rule",
  source: "tensorgrad/src/13-transformers/block.ts",
  task: `
Write what a block does with the stream x [B, T, embedDim]. \`attend\` is attention: a function of one tensor.
The block has \`attentionNorm\`, \`mlpNorm\`, \`mlp\` and \`dropout\`; each has a \`forward\`.

With \`normFirst\` the norm stands at the start of each branch: \`h = x + attention(norm(x))\`, \`y = h + mlp(norm(h))\`.
Without it the norm stands behind each sum, as in 2017: \`h = norm(x + attention(x))\`, \`y = norm(h + mlp(h))\`.
Dropout acts on what a branch adds.`,
  hints: [
    "If both branches gave 0, what should come out of a block with normFirst?",
    "The stream passes beside the branches untouched. Each branch reads a normalized copy and adds its result. See the picture of the note.",
    "normFirst: h = x + drop(attend(norm₁(x))); y = h + drop(mlp(norm₂(h))). Else: h = norm₁(x + drop(attend(x))); y = norm₂(h + drop(mlp(h))).",
    "define sum(x, branch) = x + dropout(branch); if normFirst: seen = sum(x, attend(norm₁ x)), return sum(seen, mlp(norm₂ seen)); else the norms go around the two sums.",
  ],
  mistakes: [
    {
      name: "x does not pass beside the branches",
      wrong: block("this.dropout.forward(branch).add(x.mul(0))", SEEN, THOUGHT),
      says: "The branches replace the stream. They should add to it: the gradient of a sum reaches the first layer undiminished.",
      fault: "TransformerBlock: x does not pass beside the branches",
    },
    {
      name: "the norm changes the stream itself",
      wrong: block(
        ADDED,
        "const inside = attentionNorm.forward(x); const seen = sum(inside, attend(inside));",
        "const deep = mlpNorm.forward(seen); return sum(deep, mlp.forward(deep));",
      ),
      says: "You add the branch to the normalized x. With normFirst only the branch sees the norm; the stream keeps its size.",
    },
    {
      name: "the second branch reads x in place of the first sum",
      wrong: block(ADDED, SEEN, "return sum(seen, mlp.forward(mlpNorm.forward(x)));"),
      says: "Both branches read the same x. A position has to see first, and then think about what it saw.",
    },
    {
      name: "dropout acts on the sum",
      wrong: block("this.dropout.forward(x.add(branch))", SEEN, THOUGHT),
      says: "Dropout removes parts of the stream. It should remove parts of what a branch adds.",
    },
  ],
};
