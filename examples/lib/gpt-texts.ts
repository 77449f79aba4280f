import { Random } from "tensorgrad";
import { type Corpus, EvaluationWindows, syntheticText } from "tensorgrad/data";
import { TinyShakespeare } from "tensorgrad/data/node";

/** Both texts as numbers of one alphabet. */
export interface Texts {
  readonly train: Corpus;
  readonly validation: Corpus;
}

/** Windows over all of the validation text; the last training character is the first context. */
export function validationWindows(
  { train, validation }: Texts,
  blockSize: number,
  stride = blockSize,
): EvaluationWindows {
  const before = train.ids().at(-1) as number;
  return new EvaluationWindows(validation.ids(), blockSize, { stride, before });
}

/** Shakespeare, its first 90 % to train on: 1,003,854 characters, and 111,540 to be judged on. */
export async function shakespeare(): Promise<Texts> {
  const [train, validation] = (await TinyShakespeare.load()).split();
  return { train, validation };
}

/** A play of a small grammar, for where there are no files. */
export function synthetic(seed: number): Texts {
  const [train, validation] = syntheticText({ length: 60_000, random: new Random(seed) }).split();
  return { train, validation };
}
