import { Random, type Tensor } from "tensorgrad";
import {
  adaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Linear,
  MaxPool2d,
  Module,
  relu,
  Sequential,
} from "tensorgrad/nn";

const random = new Random(1);

/** A convolution without a bias, and the batch norm behind it. */
const conv = (inputs: number, outputs: number, size: number, stride = 1): Sequential =>
  new Sequential(
    new Conv2d(inputs, outputs, size, { stride, padding: (size - 1) / 2, bias: false, random }),
    new BatchNorm2d(outputs),
  );

/** 1×1 to fewer channels, 3×3, 1×1 to four times as many; added to the input. */
class Bottleneck extends Module {
  readonly body: Sequential;
  readonly shortcut: Sequential | null;

  constructor(inputs: number, width: number, stride: number) {
    super();
    this.body = new Sequential(
      conv(inputs, width, 1),
      conv(width, width, 3, stride),
      conv(width, 4 * width, 1),
    );
    this.shortcut = inputs === 4 * width ? null : conv(inputs, 4 * width, 1, stride);
  }

  override forward(x: Tensor): Tensor {
    const [first, second, third] = this.body.layers;
    const y = third.forward(relu(second.forward(relu(first.forward(x)))));
    return relu(y.add(this.shortcut ? this.shortcut.forward(x) : x));
  }
}

/**
 * The network of 50 layers and 25.6 million parameters for images of 224×224 pixels, with random weights: what a file of that shape
 * costs, not what it knows.
 *
 * Source   He et al. 2016, Deep residual learning for image recognition, table 1
 */
export class ResNet50 extends Module {
  readonly stem = conv(3, 64, 7, 2);
  readonly pool = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly stages: readonly Sequential[];
  readonly head = new Linear(2048, 1000, { random });

  constructor() {
    super();
    this.stages = [3, 4, 6, 3].map((blocks, stage) => {
      const width = 64 * 2 ** stage;
      const before = stage === 0 ? 64 : 2 * width;
      return new Sequential(
        ...Array.from({ length: blocks }, (_, i) =>
          i === 0 ? new Bottleneck(before, width, stage === 0 ? 1 : 2) : new Bottleneck(4 * width, width, 1),
        ),
      );
    });
  }

  override forward(x: Tensor): Tensor {
    const first = this.pool.forward(relu(this.stem.forward(x))); // [N, 64, 56, 56]
    const features = this.stages.reduce((y, stage) => stage.forward(y), first); // [N, 2048, 7, 7]
    return this.head.forward(adaptiveAvgPool2d(features, 1).flatten(1));
  }
}
