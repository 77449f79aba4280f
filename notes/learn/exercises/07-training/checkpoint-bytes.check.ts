import type { Tensor } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { AdamW } from "tensorgrad/optim";
import { encodeTensors } from "tensorgrad/train";
import { asked } from "../compare.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** Bytes of a file before the header's text, and behind it. */
function measured(tensors: Tensors) {
  const file = encodeTensors(tensors);
  const text = file.indexOf("{".charCodeAt(0));
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return { before: text, behind: file.length - text - length };
}

const weights = (): Tensors => new Linear(100, 50).stateDict();

function withMoments(): Tensors {
  const model = new Linear(100, 50);
  return { ...model.stateDict(), ...new AdamW(model.parameters()).stateDict().tensors };
}

const half = (): Tensors =>
  Object.fromEntries(Object.entries(weights()).map(([name, x]) => [name, x.to("float16")]));

export const { checks, solution } = asked({
  weights: ["the weights alone", () => measured(weights()).behind],
  resume: ["weights and the state of AdamW", () => measured(withMoments()).behind],
  half: ["the weights as float16", () => measured(half()).behind],
  header: ["before the header's text", () => measured(weights()).before],
});
