import fc from "fast-check";
import { cat, eye, zeros } from "tensorgrad";
import * as nn from "tensorgrad/nn";
import { differs } from "../gradients/differs.ts";
import type { Example } from "../gradients/evaluate.ts";
import { attentionLoops, attentionSums } from "../references/attention-loops.ts";
import { normals, type Reference } from "../references/reference.ts";
import { free, typed, words } from "./builders.ts";
import type { Case } from "./case.ts";
import { tensors } from "./inputs/arbitraries.ts";
import { between, type Domain, unit } from "./inputs/domains.ts";
import { dims } from "./inputs/shapes.ts";

const sizes = dims({ minSize: 1, maxSize: 4 });

/** Larger numbers make weights of 0 and 1, whose gradients are nothing but rounding; queries near 0 have no direction to normalise. */
const domainOf = (qkNorm: boolean): Domain => (qkNorm ? unit : between(-1, 1));

/** Runs a module with tensors in place of its matrices. */
const heads: fc.Arbitrary<Example> = fc
  .record({
    T: sizes,
    S: sizes,
    across: fc.boolean(),
    causal: fc.boolean(),
    qkNorm: fc.boolean(),
    turned: fc.boolean(),
    shared: fc.boolean(),
  })
  .chain(({ T, S, across, causal, qkNorm, turned, shared }) => {
    const numKvHeads = shared ? 1 : 2;
    const domain = domainOf(qkNorm);
    const matrices = [
      [4, 4],
      [2 * numKvHeads, 4],
      [2 * numKvHeads, 4],
      [4, 4],
    ];
    const memory = across ? [tensors({ shape: [2, S, 4], domain })] : [];
    return fc
      .tuple(
        tensors({ shape: [2, T, 4], domain }),
        ...matrices.map((shape) => tensors({ shape, domain })),
        ...memory,
      )
      .map(
        (inputs): Example => ({
          inputs,
          options: typed({ numKvHeads, qkNorm, rotary: turned && !across, causal: causal && !across }),
          run: (x, q, k, v, out, memory) => {
            const rotary = turned && !across ? new nn.RotaryEmbedding(2) : null;
            const layer = new nn.MultiHeadAttention(4, 2, { numKvHeads, qkNorm, rotary, bias: false });
            if (x.dtype === "float64") layer.to("float64");
            for (const [name, weight] of Object.entries({ q, k, v, out }))
              Object.assign(layer[name as "q"], { weight });
            return layer.forward(x, memory ? { memory } : { causal });
          },
        }),
      );
  });

/** With the unit matrix in every place, each part of x looks at itself. */
const looksAround: Reference = (random) => {
  const layer = new nn.MultiHeadAttention(6, 3, { bias: false }).to("float64");
  for (const line of [layer.q, layer.k, layer.v, layer.out]) line.weight.assign(eye(6, { dtype: "float64" }));
  const x = normals(random, [4, 6]);
  const parts = [0, 2, 4].map((start) => {
    const part = x.narrow(1, start, 2).contiguous();
    const numbers = attentionLoops(part, part, part, Math.SQRT1_2, (i, j) => j <= i);
    return zeros([4, 2], { dtype: "float64" }).assign(numbers);
  });
  return differs("MultiHeadAttention", layer.forward(x, { causal: true }), cat(parts, 1).data);
};

export const title = "Attention in heads";

export const rows: readonly Case[] = [
  free(
    "MultiHeadAttention",
    words("y = heads(attention(x·qᵀ, m·kᵀ, m·vᵀ))·outᵀ, m = memory or x", "the chain rule"),
    ["x", "q", "k", "v", "out", "memory"],
    [nn.MultiHeadAttention],
    heads,
    { onnx: attentionSums, reference: looksAround },
  ),
];
