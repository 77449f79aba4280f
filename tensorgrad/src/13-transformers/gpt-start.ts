import type { Random } from "../00-runtime/index.ts";
import { init } from "../03-layers/index.ts";
import type { GPT } from "./gpt.ts";

/**
 * First weights of a GPT.
 *
 * - "gpt2": everything N(0, 0.02); the lines that end a branch divided by √(2·numLayers), so that the sum of all branches
 *   keeps its size. Biases 0. Source: Radford et al. 2019.
 * - "zero": the lines that end a branch, and the head, are 0, so that every block begins as the identity and all characters
 *   are equally likely. Embedding N(0, 0.2), the others N(0, 0.7/√fanIn). For Muon, whose steps have a size of their own.
 */
export type Start = "gpt2" | "zero";

export function startAs(start: Start, model: GPT, random: Random): void {
  for (const [path, p] of model.namedParameters()) {
    if (path.endsWith("bias")) init.zeros(p);
    if (p.rank !== 2) continue;
    const ends = path.endsWith("attention.out.weight") || path.endsWith("mlp.down.weight");
    if (start === "gpt2") init.normal(p, 0, ends ? 0.02 / Math.sqrt(2 * model.numLayers) : 0.02, { random });
    else if (ends || path.startsWith("head")) init.zeros(p);
    else if (path.startsWith("blocks")) init.normal(p, 0, 0.7 / Math.sqrt(p.shape[1]), { random });
    else init.normal(p, 0, 0.2, { random });
  }
}
