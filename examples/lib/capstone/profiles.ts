import { noGrad, scope } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import type { GPT, Sequential } from "tensorgrad/nn";
import { measureCeilings, profile } from "tensorgrad/profiling";
import { pass, writing } from "./speed.ts";

/** Where the time of one job goes. */
export interface ProfileOf {
  readonly bottlenecks: readonly string[];
  readonly flameGraph: string;
  readonly roofline: string;
}

export interface ProfileSizes {
  readonly batch: number;
  readonly length: number;
}

/** A batch of images through the network, and a text written by the GPT: flame graphs, rooflines, and what holds them up. */
export function profiles(
  { cnn, gpt }: { readonly cnn: Sequential; readonly gpt: GPT },
  test: ImageDataset,
  { batch, length }: ProfileSizes,
): Readonly<Record<"cnn" | "gpt", ProfileOf>> {
  using _ = scope();
  const { x } = test.batch(Int32Array.from({ length: batch }, (_, i) => i));
  const ceilings = noGrad(() => measureCeilings());
  const of = (run: () => void): ProfileOf => {
    const all = Array.from({ length: 7 }, () => profile(run)); // the first ones while compilers settle
    const found = all.reduce((a, b) => (b.wallMs < a.wallMs ? b : a)); // disturbances only ever add
    const { flameGraph, roofline } = { flameGraph: found.flameGraph(), roofline: found.roofline(ceilings) };
    return { bottlenecks: found.bottlenecks(ceilings), flameGraph, roofline };
  };
  return { cnn: of(pass(cnn, x)), gpt: of(writing(gpt, length)) };
}
