import { TinyShakespeare } from "tensorgrad/data/node";
import { type CountedModel, KneserNey, surprises, WittenBell } from "../../examples/lib/ngrams.ts";
import { report } from "../lib/measure.ts";

/** The bars of milestone 4: counted from the training text, scored on every character of the validation text. */
const text = await TinyShakespeare.load();
const [train, validation] = text.split();
const [seen, all] = [train.ids(), text.ids()];
const { length: vocabSize } = text.alphabet;

function score(make: () => CountedModel) {
  const start = performance.now();
  const model = make();
  const counted = performance.now();
  const scores = surprises(model, all, seen.length);
  const nats = scores.reduce((sum, value) => sum + value, 0) / scores.length;
  return {
    nats,
    bits: nats / Math.LN2,
    perplexity: Math.exp(nats),
    countSeconds: (counted - start) / 1000,
    scoreSeconds: (performance.now() - counted) / 1000,
  };
}

report({
  trainCharacters: seen.length,
  validationCharacters: validation.length,
  bigram: score(() => new WittenBell(seen, vocabSize)),
  kn3: score(() => new KneserNey(seen, vocabSize, 3)),
  kn4: score(() => new KneserNey(seen, vocabSize, 4)),
  kn5: score(() => new KneserNey(seen, vocabSize, 5)),
  kn7: score(() => new KneserNey(seen, vocabSize, 7)),
});
