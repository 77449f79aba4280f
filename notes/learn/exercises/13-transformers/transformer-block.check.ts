import assert from "node:assert/strict";
import { noGrad, Random, randn, type Tensor } from "tensorgrad";
import { TransformerBlock, type TransformerBlockOptions } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

const made = (options: TransformerBlockOptions = {}): TransformerBlock =>
  new TransformerBlock(8, 2, { mlpRatio: 2, random: new Random(3), ...options });

const stream = (): Tensor => randn([2, 3, 8], { random: new Random(4) }).mul(3);

/** A block whose branches give 0. */
function silent(options: TransformerBlockOptions = {}): TransformerBlock {
  const block = made(options);
  for (const p of [block.attention.out, block.mlp.down].flatMap((line) => line.parameters()))
    p.assign(p.mul(0));
  return block;
}

const far = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

export const checks: Checks = {
  "branches that give 0 leave x as it is": () =>
    noGrad(() => {
      const x = stream();
      assert.ok(far(silent().forward(x), x) < 1e-6, "both branches give 0, and yet the block changes x");
    }),
  "normFirst: h = x + attention(norm(x)), y = h + mlp(norm(h))": () =>
    noGrad(() => {
      const [block, x] = [made(), stream()];
      const h = x.add(block.attention.forward(block.attentionNorm.forward(x)));
      const y = h.add(block.mlp.forward(block.mlpNorm.forward(h)));
      assert.ok(far(block.forward(x), y) < 1e-5, "the block and its two sums, written out, differ");
    }),
  "normFirst: false puts the norms behind the sums": () =>
    noGrad(() => {
      const [block, x] = [made({ normFirst: false }), stream()];
      const h = block.attentionNorm.forward(x.add(block.attention.forward(x)));
      const y = block.mlpNorm.forward(h.add(block.mlp.forward(h)));
      assert.ok(far(block.forward(x), y) < 1e-5, "the block of 2017 and its two sums, written out, differ");
    }),
  "dropout leaves the stream alone": () =>
    noGrad(() => {
      const x = stream();
      const y = silent({ dropout: 0.5 }).train().forward(x);
      assert.ok(far(y, x) < 1e-6, "the branches give 0, and yet dropout removes parts of x");
    }),
};

export const probes: Probes = () =>
  noGrad(() =>
    [made(), made({ normFirst: false }), silent({ dropout: 0.5 }).train()].flatMap((block) =>
      attempt(() =>
        Array.from(block.forward(stream()).select(0, 0).select(0, 0).data, (y) => Number(y.toFixed(3))),
      ),
    ),
  );
