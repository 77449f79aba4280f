import { kernelChoice, kernels } from "../../00-runtime/index.ts";
import { isSearching, type Tensor } from "../../01-tensor/index.ts";
import type { ConvSizes } from "../geometry.ts";
import * as reference from "./conv2d.reference.ts";
import { depthwiseImages, depthwiseTransposed, depthwiseWeight, isDepthwise } from "./depthwise.ts";
import { isLowered, loweredImages, loweredTransposed, loweredWeight } from "./lowered.ts";
import { isWinograd, winogradImages, winogradTransposed, winogradWeight } from "./winograd.ts";

/** A way to compute a convolution and its two gradients. */
interface Way {
  /** x and w to y */
  images(x: Tensor, w: Tensor, b: Tensor, sizes: ConvSizes): Tensor;
  /** g and w to the gradient of x */
  transposed(g: Tensor, w: Tensor, b: Tensor, sizes: ConvSizes): Tensor;
  /** x and g to the gradient of w */
  weight(x: Tensor, g: Tensor, sizes: ConvSizes): Tensor;
}

/**
 * Where does a convolution go? The loops that define it serve float64, and whoever asks for the reference. While somebody looks
 * for the first NaN, Winograd's products are not used: they spread NaN and ∞ over a tile, and make NaN of a single ∞.
 */
export function wayOf({ dtype }: Tensor, sizes: ConvSizes): Way {
  if (dtype !== "float32" || kernelChoice() === "reference") return loops;
  if (isDepthwise(sizes)) return depthwise;
  if (isWinograd(sizes) && !isSearching()) return winograd;
  return isLowered(sizes) ? lowered : loops;
}

const depthwise: Way = {
  images: depthwiseImages,
  transposed: depthwiseTransposed,
  weight: depthwiseWeight,
};

const winograd: Way = {
  images: winogradImages,
  transposed: winogradTransposed,
  weight: winogradWeight,
};

const lowered: Way = {
  images: loweredImages,
  transposed: loweredTransposed,
  weight: loweredWeight,
};

const kernel = kernels(reference, {}, { plain: ["conv2d", "conv2dTransposed", "conv2dWeight"] });

const loops: Way = {
  images(x, w, b, sizes) {
    const y = x.newEmpty([sizes.N, sizes.O, sizes.outH, sizes.outW]);
    kernel.conv2d(x.contiguous(), w.contiguous(), b.contiguous(), y, ...listed(sizes));
    return y;
  },
  transposed(g, w, b, sizes) {
    const x = g.newEmpty([sizes.N, sizes.C, sizes.H, sizes.W]);
    kernel.conv2dTransposed(g.contiguous(), w.contiguous(), b.contiguous(), x, ...listed(sizes));
    return x;
  },
  weight(x, g, sizes) {
    const w = x.newEmpty([sizes.O, sizes.C / sizes.groups, sizes.K, sizes.L]);
    kernel.conv2dWeight(x.contiguous(), g.contiguous(), w, ...listed(sizes));
    return w;
  },
};

/** In the order in which the loops take them. */
function listed({ N, C, H, W, O, K, L, outH, outW, groups, ...rest }: ConvSizes) {
  const { stride, padding, dilation } = rest;
  return [N, C, H, W, O, K, L, outH, outW, groups, ...stride, ...padding, ...dilation] as const;
}
