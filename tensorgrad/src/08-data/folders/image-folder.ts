import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { checked, expectArgument, FormatError, show } from "../../00-runtime/index.ts";
import { checkIndices } from "../dataset.ts";
import { checkUnchanged, type Recipe } from "../loading/recipe.ts";
import { IMAGE_OPTIONS, type ImageOptions, LabelledImages } from "../sets/images.ts";
import { decodePicture, type Picture, resized } from "./picture-file.ts";

/** Options of `ImageFolder`. */
export interface ImageFolderOptions extends Omit<ImageOptions, "shape"> {
  /** 3 for colours, 1 for grey. */
  readonly channels?: 1 | 3;
  /** Height and width that all images are brought to; by default all must have those of the first one. */
  readonly size?: readonly [height: number, width: number];
}

/** One picture, and the class that its folder says. */
interface Example {
  readonly path: string;
  readonly label: number;
}

/**
 * Pictures in folders, one folder for each class: `root/cat/1.png`, `root/dog/anything.jpg`. They are read and decoded when a
 * batch needs them; `new DataLoader(…, { workers: 2 })` does so ahead, in other threads.
 *
 *   const train = new ImageFolder("photos/train", { size: [32, 32] });
 *   train.classes;                                           // ["cat", "dog"]
 *
 * Shapes  batches x [B, channels, height, width] float32, y [B] int32
 * Throws  FormatError naming the file: neither PNG nor JPEG, damaged, or of another size; and where there are no classes or pictures
 * Source  as torchvision.datasets.ImageFolder
 */
export class ImageFolder extends LabelledImages {
  readonly root: string;
  /** Names of the classes: the folders, in the order of the alphabet. */
  readonly classes: readonly string[];
  readonly #examples: readonly Example[];
  readonly #channels: 1 | 3;
  readonly #size: readonly [number, number];

  constructor(root: string, given: ImageFolderOptions = {}) {
    const {
      channels = 3,
      size,
      ...options
    } = checked("ImageFolder", given, ["channels", "size", ...IMAGE_OPTIONS]);
    expectArgument(typeof root === "string", "ImageFolder", "root", root, "a path");
    const call = `ImageFolder(${root})`;
    checkSettings(call, channels, size);
    const classes = foldersIn(root, call);
    const examples = classes.flatMap((name, label) =>
      picturesIn(join(root, name)).map((path) => ({ path, label })),
    );
    if (examples.length === 0)
      throw new FormatError(
        `${call}: no .png, .jpg or .jpeg in its ${classes.length} folders — one folder for each class, pictures in it`,
      );
    const [height, width] = size ?? sizeOf(open(examples[0].path, channels, call));
    super({ ...options, shape: [channels, height, width] });
    [this.root, this.classes, this.#examples, this.#channels] = [root, classes, examples, channels];
    this.#size = [height, width];
    this.#mayResize = size !== undefined;
  }

  readonly #mayResize: boolean;

  get length(): number {
    return this.#examples.length;
  }

  /** The file of picture `i`. */
  path(i: number): string {
    checkIndices("ImageFolder.path", [i], this.length);
    return this.#examples[i].path;
  }

  pixels(i: number): Uint8Array {
    const path = this.path(i);
    const [height, width] = this.#size;
    const picture = open(path, this.#channels, `ImageFolder(${this.root})`);
    if (this.#mayResize) return resized(picture, height, width).pixels;
    if (picture.height === height && picture.width === width) return picture.pixels;
    throw new FormatError(
      `ImageFolder(${this.root}): ${path} is ${show(sizeOf(picture))} (height, width), the first one ${show(this.#size)} — ` +
        "bring all to one size: { size: [height, width] }",
    );
  }

  label(i: number): number {
    return this.#examples[i].label;
  }

  recipe(): Recipe {
    checkUnchanged(this, ImageFolder);
    const { mean, std, transform } = this;
    const size = this.#mayResize ? { size: this.#size } : {};
    const options = { mean, std, transform, channels: this.#channels, ...size };
    return { export: "ImageFolder", arguments: [this.root, options] };
  }
}

const sizeOf = ({ height, width }: Picture): [height: number, width: number] => [height, width];

const open = (path: string, channels: 1 | 3, call: string): Picture =>
  decodePicture(readFileSync(path), channels, `${call}: ${path}`);

function checkSettings(call: string, channels: number, size: readonly number[] | undefined): void {
  if (channels !== 1 && channels !== 3)
    throw new RangeError(`${call}: channels ${channels} — 3 for colours, 1 for grey`);
  if (size === undefined || (size.length === 2 && size.every((n) => Number.isSafeInteger(n) && n >= 1)))
    return;
  throw new RangeError(`${call}: size ${show(size)} — height and width, integers ≥ 1`);
}

function foldersIn(root: string, call: string): string[] {
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new FormatError(`${call}: there is no such folder — give the one that has a folder for each class`);
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (folders.length > 0) return folders.map(({ name }) => name).sort();
  throw new FormatError(`${call}: no folders in it — one folder for each class, pictures in it`);
}

const picturesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(png|jpe?g)$/i.test(name))
    .sort()
    .map((name) => join(folder, name));
