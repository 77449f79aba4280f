import { noGrad, scope, type Tensor } from "tensorgrad";
import { DataLoader, type Dataset, type EvaluationWindows, Subset } from "tensorgrad/data";
import { crossEntropy, evaluating, type GPT } from "tensorgrad/nn";

/** The sum of all losses of a batch, in nats, and how many characters were asked for. */
function surpriseOf(
  model: GPT,
  { x, y }: { readonly x: Tensor; readonly y: Tensor },
): [nats: number, asked: number] {
  using _ = scope();
  using __ = noGrad();
  using ___ = evaluating(model);
  const logits = model.forward(x).flatten(0, 1); // [B·T, vocabSize]
  const nats = crossEntropy(logits, y.flatten(), { reduction: "sum" }).item();
  return [nats, y.ge(0).sum().item()];
}

/** Mean surprise over windows of a text, nats a character. */
export function meanSurprise(model: GPT, windows: Dataset): number {
  let [nats, asked] = [0, 0];
  for (const batch of new DataLoader(windows, { batchSize: 16 })) {
    const [more, count] = surpriseOf(model, batch);
    [nats, asked] = [nats + more, asked + count];
  }
  return nats / asked;
}

/** Every fourth window: for curves during training, not for results. */
export const everyFourth = (windows: EvaluationWindows): Subset =>
  new Subset(
    windows,
    Array.from({ length: Math.floor(windows.length / 4) }, (_, i) => 4 * i),
  );
