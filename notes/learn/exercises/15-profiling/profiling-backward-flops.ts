import type { CodeExercise } from "../../exercise.ts";

const rule = (products: string, read: string, written: string) => `
  const wanted = fn.prev.filter((x) => x.requiresGrad);
  const products = ${products};
  return {
    multiplyAdds: products * forward.multiplyAdds,
    flops: products * forward.flops,
    bytesRead: ${read},
    bytesWritten: ${written},
  };`;

const TWO = "forward.multiplyAdds > 0 ? fn.prev.slice(0, 2).filter((x) => x.requiresGrad).length : 1";
const READ = "forward.bytesRead + forward.bytesWritten";

export const profilingBackwardFlops: CodeExercise = {
  id: "profiling-backward-flops",
  kind: "derive",
  title: "What its rule costs on the way back",
  points: 25,
  part: "implementation",
  note: "15-profiling#five-questions",
  source: "tensorgrad/src/15-profiling/costs.ts",
  task: `
For y = x·w the gradients are two products, g·wᵀ and xᵀ·g. Count the multiply-adds of each on paper, for x [m, k] and w [k, n].
Then write what a rule costs, from the cost of its forward pass.

\`fn.prev\` holds the inputs. Only those with \`requiresGrad\` want a gradient. A product's two operands come first; a bias may follow,
and its gradient is no product. A rule without products costs what the forward pass did. It reads what the forward pass read, and the gradient of the
result; it writes a gradient for each input that wants one. \`total(tensors)\` gives bytes.`,
  hints: [
    "The first layer's input is a batch of images. Who wants its gradient?",
    "Each of the two products of backward has the same three sizes as the one of forward, in another order. See the third question of the note.",
    "products = how many of the first two inputs want a gradient; multiplyAdds and flops = products·forward's. Without multiply-adds: products = 1.",
    "wanted = inputs with requiresGrad; products as above; bytesRead = forward's bytes, read and written; bytesWritten = total(wanted).",
  ],
  mistakes: [
    {
      name: "always two products",
      wrong: rule("forward.multiplyAdds > 0 ? 2 : 1", READ, "total(wanted)"),
      says: "An input that wants no gradient gets none, and its product is not made. The first layer's input is such a one.",
    },
    {
      name: "the bias counted as a product",
      wrong: rule("forward.multiplyAdds > 0 ? wanted.length : 1", READ, "total(wanted)"),
      says: "The gradient of a bias is a sum of g. Only the first two inputs are operands of the product.",
    },
    {
      name: "backward costs what forward did",
      wrong: rule("1", READ, "total(wanted)"),
      says: "A product has two operands, and each gradient is a product of the same size.",
    },
    {
      name: "a gradient written for every input",
      wrong: rule(TWO, READ, "total(fn.prev)"),
      says: "Inputs that want no gradient are written as well in your count.",
    },
  ],
};
