import { checked } from "../00-runtime/index.ts";
import { expectList } from "./expect.ts";
import { imageGrid } from "./image-grid.ts";
import { inkImage } from "./png.ts";

/** Grey images, ink 0 to 1, each with its prediction below; a wrong one is framed and names the truth. */
export function digitGrid(
  images: readonly ArrayLike<number>[],
  labels: readonly number[],
  predictions: readonly number[],
  options: { readonly title?: string; readonly columns?: number; readonly size?: number } = {},
): string {
  const {
    title = "Sample digits",
    columns = 8,
    size = 28,
  } = checked("digitGrid", options, ["title", "columns", "size"]);
  for (const [name, list] of Object.entries({ images, labels, predictions }))
    expectList("digitGrid", list, name);
  for (const image of images) expectList("digitGrid", image, "image", "a list of pixels");
  const tiles = images.map((image, index) => {
    const [label, predicted] = [labels[index]!, predictions[index]!];
    const wrong = label !== predicted;
    return {
      src: inkImage(image, size, size),
      text: wrong ? `${predicted}, is ${label}` : `${predicted}`,
      wrong,
    };
  });
  return imageGrid(tiles, { title, columns });
}
