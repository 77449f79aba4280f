import { noGrad, scope, type Tensor } from "tensorgrad";
import type { ImageDataset } from "tensorgrad/data";
import { Conv2d, type Module, ReLU, type Sequential } from "tensorgrad/nn";
import { imageGrid, pngUri, type Tile } from "tensorgrad/plots";

/** An image of a data set as it is in its file. */
export function photograph(data: ImageDataset, i: number): string {
  const [channels, height, width] = data.shape;
  const planes = data.pixels(i);
  const pixels = new Uint8Array(planes.length); // planes → pixel by pixel
  for (let c = 0; c < channels; c++)
    for (let p = 0; p < height * width; p++) pixels[p * channels + c] = planes[c * height * width + p];
  return pngUri(pixels, width, height, channels as 1 | 3);
}

/** The filters of the first convolution in colour, each stretched from its least to its largest weight. */
export function filterPicture(model: Module): string {
  const weight = firstConvolution(model).weight;
  const [filters, channels, height, width] = weight.shape;
  const tiles: Tile[] = Array.from({ length: filters }, (_, o) => {
    const planes = stretched(weight.select(0, o).contiguous().data);
    const pixels = new Uint8Array(planes.length);
    for (let c = 0; c < channels; c++)
      for (let p = 0; p < height * width; p++) pixels[p * channels + c] = planes[c * height * width + p];
    return { src: pngUri(pixels, width, height, channels as 3), text: "" };
  });
  return imageGrid(tiles, { title: "Filters of the first convolution", columns: 16, side: 24, gap: 30 });
}

/** What an image becomes after each activation: the first maps of every block. */
export function mapPicture(model: Sequential, data: ImageDataset, i: number, maps = 8): string {
  using _ = scope();
  using __ = noGrad();
  model.eval();
  let x: Tensor = data.batch([i]).x;
  const tiles: Tile[] = [];
  for (const layer of model.layers) {
    x = layer.forward(x);
    if (!(layer instanceof ReLU)) continue;
    const [, , height, width] = x.shape;
    for (let c = 0; c < maps; c++) {
      const map = stretched(x.select(0, 0).select(0, c).contiguous().data);
      tiles.push({ src: pngUri(map, width, height, 1), text: "" });
    }
  }
  return imageGrid(tiles, {
    title: "Maps of one image, a row for each block",
    columns: maps,
    side: 48,
    gap: 54,
  });
}

export function firstConvolution(model: Module): Conv2d {
  const [found] = convolutions(model);
  if (found) return found;
  throw new TypeError("filterPicture: a model without a convolution has no filters");
}

export const convolutions = (model: Module): Conv2d[] =>
  model.modules().flatMap(([, module]) => (module instanceof Conv2d ? [module] : []));

/** Numbers as bytes, the least as 0 and the largest as 255. */
function stretched(numbers: ArrayLike<number>): Uint8Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < numbers.length; i++) {
    low = Math.min(low, numbers[i]);
    high = Math.max(high, numbers[i]);
  }
  return Uint8Array.from(numbers, (value) => (255 * (value - low)) / (high - low || 1));
}
