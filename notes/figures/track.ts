import { readdirSync } from "node:fs";
import { instance } from "@viz-js/viz";

/** Modules in groups that are learned together, and the milestone that each group makes possible. */
const GROUPS: readonly { modules: readonly number[]; milestone: string; log: string }[] = [
  { modules: [1, 2, 3, 4], milestone: "1 perceptron", log: "perceptron" },
  { modules: [5, 6, 7, 8], milestone: "2 MLP, MNIST", log: "mlp" },
  { modules: [9], milestone: "3 CNN, CIFAR-10", log: "cnn" },
  { modules: [10, 11, 12, 13, 14], milestone: "4 TinyGPT", log: "tinygpt" },
  { modules: [15, 16, 17, 18, 19], milestone: "5 capstone", log: "capstone" },
];
/** Modules in the plan; what has a folder is drawn solid. */
const NAMES: readonly string[] = (
  "tensor activations layers losses autograd optimizers training data spatial tokenization embeddings attention " +
  "transformers kv-cache profiling acceleration quantization compression benchmarking"
).split(" ");

const number = (module: number): string => String(module).padStart(2, "0");

/** The path from one scalar to a GPT: groups of modules left to right, milestones below. */
async function path(): Promise<string> {
  const folders = readdirSync(new URL("../../tensorgrad/src", import.meta.url));
  const logs = readdirSync(new URL("../logs", import.meta.url));
  const exists = (module: number): boolean => folders.some((name) => name.startsWith(`${number(module)}-`));
  // A group counts when all of its modules are there, a milestone when its run has a log.
  const boxes = GROUPS.map(({ modules, milestone, log }, i) => {
    const rows = modules.map((module) => `${number(module)} ${NAMES[module - 1]}`).join("\\n");
    const style = modules.every(exists) ? 'style=filled fillcolor="#dbeafe"' : 'style="filled,dashed"';
    const goal = logs.includes(`${log}.json`) ? 'style=filled fillcolor="#fde68a"' : 'style="filled,dashed"';
    return `g${i} [label="${rows}" ${style}]; m${i} [label="${milestone}" shape=ellipse ${goal}]; g${i} -> m${i};
      { rank=same; g${i}; m${i}; }`;
  });
  const chain = ["scalar", ...GROUPS.map((_, i) => `g${i}`)].join(" -> ");
  const dot = `digraph {
    graph [rankdir=LR ranksep=0.3 nodesep=0.25 bgcolor=transparent];
    node [shape=box fontname="Helvetica" fontsize=11 fillcolor="white" height=0.3];
    edge [arrowsize=0.7];
    scalar [label="one scalar\\nmicrograd" style=filled fillcolor="#dbeafe"];
    xor [label="0 XOR" shape=ellipse style=filled fillcolor="#fde68a"];
    scalar -> xor; { rank=same; scalar; xor; }
    ${boxes.join("\n    ")}
    ${chain} [weight=10];
  }`;
  const svg = (await instance()).renderString(dot, { format: "svg" });
  return svg.slice(svg.indexOf("<svg")).replace(">", ">\n<title>From one scalar to a GPT</title>");
}

export const figures = { path };
