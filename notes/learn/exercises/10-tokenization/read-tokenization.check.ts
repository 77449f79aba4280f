import { BPETokenizer } from "tensorgrad/text";
import { asked } from "../compare.ts";

/** By how much one merge shortens forty words of two letters. */
function saved(): number {
  const words = Array<string>(40).fill("ab");
  const [before, after] = [256, 257].map((vocabSize) => {
    const tokenizer = BPETokenizer.train(words, { vocabSize });
    return words.reduce((sum, word) => sum + tokenizer.encode(word).length, 0);
  });
  return before - after;
}

export const { checks, solution } = asked({
  nats: ["nats per character", () => 3.2 / 2, 1e-6],
  saved: ["tokens that a merge saves", saved],
  attention: ["the share of attention's work", () => (1 / 2) ** 2],
  parameters: ["parameters of embedding and head", () => 2 * 8192 * 128],
});
