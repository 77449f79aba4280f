import { checked, defaultRandom, type Random } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { ReLU, relu } from "../02-activations/index.ts";
import { init, Linear, Module, Sequential } from "../03-layers/index.ts";
import { Conv2d } from "./convolution/conv-layers.ts";
import { BatchNorm2d } from "./normalization/batch-norm-layers.ts";
import { adaptiveAvgPool2d } from "./pooling/pool.ts";

interface BlockOptions {
  /** 2 halves height and width. */
  readonly stride?: number;
  readonly random?: Random;
}

/** A convolution of 3×3 (or 1×1) without a bias: the batch norm behind it has one. */
function convolution(
  inputs: number,
  outputs: number,
  size: 1 | 3,
  { stride = 1, random = defaultRandom }: BlockOptions,
): Conv2d {
  const layer = new Conv2d(inputs, outputs, size, { stride, padding: (size - 1) / 2, bias: false, random });
  init.kaimingNormal(layer.weight, { mode: "fanOut", random });
  return layer;
}

/**
 * Two convolutions that learn what to add to their input.
 *
 *   y = relu(shortcut(x) + norm₂(conv₂(relu(norm₁(conv₁(x))))))
 *
 * The shortcut is x itself; where the block changes its shape, a convolution of 1×1 with a norm.
 *
 * Shapes    x [N, inputs, H, W] → [N, outputs, ⌈H/stride⌉, ⌈W/stride⌉]
 * Source    He et al. 2016, Deep residual learning for image recognition
 */
export class BasicBlock extends Module {
  readonly body: Sequential;
  readonly shortcut: Sequential | null;

  constructor(inputs: number, outputs: number, options: BlockOptions = {}) {
    super();
    const { stride = 1, random = defaultRandom } = checked("BasicBlock", options, ["stride", "random"]);
    this.body = new Sequential(
      convolution(inputs, outputs, 3, options),
      new BatchNorm2d(outputs),
      new ReLU(),
      convolution(outputs, outputs, 3, { random }),
      new BatchNorm2d(outputs),
    );
    const changes = stride !== 1 || inputs !== outputs;
    this.shortcut = changes
      ? new Sequential(convolution(inputs, outputs, 1, options), new BatchNorm2d(outputs))
      : null;
  }

  override forward(x: Tensor): Tensor {
    return relu(this.body.forward(x).add(this.shortcut ? this.shortcut.forward(x) : x));
  }
}

/** Options of `ResNet`. */
export interface ResNetOptions {
  /** Channels of the images. */
  readonly inputs?: number;
  readonly classes?: number;
  /** Channels of every stage; from the second on, a stage halves height and width. */
  readonly widths?: readonly number[];
  /** Blocks of every stage. */
  readonly blocks?: readonly number[];
  readonly random?: Random;
}

/**
 * A residual network for small images: a convolution of 3×3, stages of residual blocks, the mean of every channel,
 * and one linear layer. `widths: [16, 32, 64], blocks: [3, 3, 3]` is the network of 20 layers for CIFAR-10;
 * the defaults are those of 18 layers, without the strides and the pooling that large images need at first.
 *
 * Shapes    x [N, inputs, H, W] → scores [N, classes]
 * Start     convolutions by He's normal distribution for gradients, norms with weight 1 and bias 0
 * Throws    RangeError for stages without a width or a number of blocks
 * Source    He et al. 2016, Deep residual learning for image recognition, sections 3.3 and 4.2
 */
export class ResNet extends Module {
  readonly stem: Sequential;
  readonly stages: readonly Sequential[];
  readonly head: Linear;

  constructor(options: ResNetOptions = {}) {
    const {
      inputs = 3,
      classes = 10,
      widths = [64, 128, 256, 512],
      blocks = [2, 2, 2, 2],
      random = defaultRandom,
    } = checked("ResNet", options, ["inputs", "classes", "widths", "blocks", "random"]);
    super();
    checkStages(widths, blocks);
    const first = convolution(inputs, widths[0], 3, { random });
    this.stem = new Sequential(first, new BatchNorm2d(widths[0]), new ReLU());
    this.stages = widths.map((width, stage) => {
      const before = widths[Math.max(0, stage - 1)];
      const first = new BasicBlock(before, width, { stride: stage === 0 ? 1 : 2, random });
      const others = Array.from(
        { length: blocks[stage] - 1 },
        () => new BasicBlock(width, width, { random }),
      );
      return new Sequential(first, ...others);
    });
    this.head = new Linear(widths[widths.length - 1], classes, { random });
  }

  override forward(x: Tensor): Tensor {
    const features = this.stages.reduce((y, stage) => stage.forward(y), this.stem.forward(x)); // [N, C, H/2ˢ, W/2ˢ]
    return this.head.forward(adaptiveAvgPool2d(features, 1).flatten(1));
  }

  protected override describe(): string {
    return this.stages.map(({ layers }) => `${layers.length} blocks`).join(", ");
  }
}

function checkStages(widths: readonly number[], blocks: readonly number[]): void {
  const whole = [...widths, ...blocks].every((n) => Number.isInteger(n) && n >= 1);
  if (whole && widths.length > 0 && widths.length === blocks.length) return;
  throw new RangeError(
    `ResNet: widths [${widths.join(", ")}], blocks [${blocks.join(", ")}] — one of each for every stage, whole numbers from 1 on`,
  );
}
