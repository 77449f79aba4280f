import { noGrad, scope } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import type { GPT, Sequential } from "tensorgrad/nn";
import { measureCeilings, type Profile, profile } from "tensorgrad/profiling";
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
    for (let i = 0; i < 3; i++) run(); // compilers settle
    const found: Profile = profile(run);
    const { flameGraph, roofline } = { flameGraph: found.flameGraph(), roofline: found.roofline(ceilings) };
    return { bottlenecks: found.bottlenecks(ceilings), flameGraph, roofline };
  };
  return { cnn: of(pass(cnn, x)), gpt: of(writing(gpt, length)) };
}
