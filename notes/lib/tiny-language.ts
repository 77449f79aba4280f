import { noGrad, Random, scope, type Tensor, tensor } from "tensorgrad";
import { TinyShakespeare } from "tensorgrad/data/node";
import {
  alibiBias,
  crossEntropy,
  Embedding,
  GELU,
  LayerNorm,
  Linear,
  type LookOptions,
  Module,
  MultiHeadAttention,
  PositionalEncoding,
  RotaryEmbedding,
  Sequential,
} from "tensorgrad/nn";
import { AdamW } from "tensorgrad/optim";
import { CharTokenizer } from "tensorgrad/text";

/** Two layers that read Shakespeare by characters: small enough to be trained several times while one waits. */

export type Positions = "none" | "sines" | "learned" | "rotary" | "alibi";

export interface TinySettings {
  readonly embedDim?: number;
  readonly numHeads?: number;
  readonly positions?: Positions;
  /** Characters that a window has. */
  readonly context?: number;
  readonly seed?: number;
}

const text = await TinyShakespeare.load();
const [train, validation] = text.split();
export const tokenizer = new CharTokenizer(text.text);
const [seen, unseen] = [tokenizer.encode(train.text), tokenizer.encode(validation.text)];

export { unseen };

class Block extends Module {
  readonly attention: MultiHeadAttention;
  readonly norms: readonly [LayerNorm, LayerNorm];
  readonly mlp: Sequential;

  constructor(embedDim: number, numHeads: number, rotary: RotaryEmbedding | null, random: Random) {
    super();
    this.attention = new MultiHeadAttention(embedDim, numHeads, { rotary, random });
    this.norms = [new LayerNorm(embedDim), new LayerNorm(embedDim)];
    const [wide, narrow] = [
      new Linear(embedDim, 4 * embedDim, { random }),
      new Linear(4 * embedDim, embedDim, { random }),
    ];
    this.mlp = new Sequential(wide, new GELU(), narrow);
  }

  override forward(x: Tensor, options: LookOptions = {}): Tensor {
    const looked = x.add(this.attention.forward(this.norms[0].forward(x), options));
    return looked.add(this.mlp.forward(this.norms[1].forward(looked)));
  }
}

export class TinyLanguage extends Module {
  readonly embedding: Embedding;
  readonly positions: PositionalEncoding | null;
  readonly blocks: readonly Block[];
  readonly norm: LayerNorm;
  readonly head: Linear;
  readonly #alibi: boolean;

  constructor({
    embedDim = 64,
    numHeads = 2,
    positions = "rotary",
    context = 64,
    seed = 1,
  }: TinySettings = {}) {
    super();
    const random = new Random(seed);
    const turned = positions === "rotary" ? new RotaryEmbedding(embedDim / numHeads) : null;
    this.embedding = new Embedding(tokenizer.vocabSize, embedDim, { random });
    this.positions =
      positions === "learned" || positions === "sines"
        ? new PositionalEncoding(positions === "learned" ? context : 4096, embedDim, {
            learned: positions === "learned",
            random,
          })
        : null;
    this.blocks = [0, 1].map(() => new Block(embedDim, numHeads, turned, random));
    this.norm = new LayerNorm(embedDim);
    this.head = new Linear(embedDim, tokenizer.vocabSize, { random });
    this.#alibi = positions === "alibi";
  }

  /** What the attention of layer `layer` looks at: [B, H, T, T]. */
  weights(ids: Tensor, layer: number): Tensor {
    let x = this.#embedded(ids);
    for (const block of this.blocks.slice(0, layer)) x = block.forward(x, { causal: true });
    const { attention, norms } = this.blocks[layer];
    return attention.weights(norms[0].forward(x), { causal: true });
  }

  override forward(ids: Tensor): Tensor {
    const T = ids.shape[1];
    const mask = this.#alibi ? alibiBias(this.blocks[0].attention.numHeads, T) : null;
    let x = this.#embedded(ids);
    for (const block of this.blocks) x = block.forward(x, { causal: true, mask });
    return this.head.forward(this.norm.forward(x));
  }

  #embedded(ids: Tensor): Tensor {
    const x = this.embedding.forward(ids);
    return this.positions ? this.positions.forward(x) : x;
  }
}

/** Nats per character of windows [B, T + 1]. */
function lossOf(model: TinyLanguage, windows: readonly (readonly number[])[]): Tensor {
  const ids = tensor(windows as number[][], { dtype: "int32" });
  const T = ids.shape[1] - 1;
  return crossEntropy(
    model.forward(ids.narrow(1, 0, T)).reshape(-1, tokenizer.vocabSize),
    ids.narrow(1, 1, T).reshape(-1),
  );
}

/** Windows drawn at random; the same for the same seed. */
export function trained(
  settings: TinySettings,
  {
    steps = 200,
    batch = 12,
    lr = 3e-3,
  }: { readonly steps?: number; readonly batch?: number; readonly lr?: number } = {},
): TinyLanguage {
  const { context = 64, seed = 1 } = settings;
  const model = new TinyLanguage(settings);
  const optimizer = new AdamW(model.parameters(), { lr, weightDecay: 0.01 });
  const random = new Random(seed + 100);
  for (let step = 0; step < steps; step++) {
    using _ = scope();
    for (const { settings } of optimizer.groups)
      settings.lr = lr * Math.min(1, (step + 1) / 20, (steps - step) / steps + 0.01);
    const windows = Array.from({ length: batch }, () => {
      const at = random.integer(seen.length - context - 1);
      return [...seen.subarray(at, at + context + 1)];
    });
    model.zeroGrad();
    lossOf(model, windows).backward();
    optimizer.step();
  }
  return model;
}

/** Nats per character over the first windows of the validation text. */
export function scored(model: TinyLanguage, context: number, characters = 16_384): number {
  return noGrad(() => {
    let total = 0;
    const windows = Math.floor(characters / context);
    for (let first = 0; first < windows; first += 16) {
      using _ = scope();
      const count = Math.min(16, windows - first);
      const rows = Array.from({ length: count }, (_, i) => [
        ...unseen.subarray((first + i) * context, (first + i + 1) * context + 1),
      ]);
      total += lossOf(model, rows).item() * count;
    }
    return total / windows;
  });
}
