import { GPT, type GPTOptions } from "tensorgrad/nn";
import { CharTokenizer } from "tensorgrad/text";
import { decodeTensors } from "tensorgrad/train";
import type { EmbeddedModel } from "./messages.ts";

/** The model that a page holds, ready to write. */
export function openModel({ options, alphabet, weights }: EmbeddedModel): {
  readonly model: GPT;
  readonly tokenizer: CharTokenizer;
} {
  const model = new GPT(options as unknown as GPTOptions);
  model.loadStateDict(decodeTensors(Uint8Array.from(atob(weights), (one) => one.charCodeAt(0))).tensors);
  model.eval();
  return { model, tokenizer: new CharTokenizer(alphabet) };
}
