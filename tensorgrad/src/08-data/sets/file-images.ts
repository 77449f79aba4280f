import { checked, expectArgument } from "../../00-runtime/index.ts";
import { checkIndices } from "../dataset.ts";
import { checkUnchanged, type Recipe } from "../loading/recipe.ts";
import { RecordFile } from "../readers/record-file.ts";
import { IMAGE_OPTIONS, type ImageOptions, LabelledImages } from "./images.ts";

/** Options of `FileImages`. */
export interface FileImagesOptions extends ImageOptions {
  readonly shape: readonly number[];
}

/**
 * Labelled images in files, read when a batch needs them. A record is one byte for the label, then the pixels.
 *
 *   new FileImages(["data_batch_1.bin", "data_batch_2.bin"], { shape: [3, 32, 32] })
 *
 * Memory  64 records per file, whatever the files' size
 * Throws  FormatError for files that do not hold whole records
 */
export class FileImages extends LabelledImages {
  readonly paths: readonly string[];
  readonly #files: readonly RecordFile[];
  readonly #length: number;

  constructor(paths: readonly string[], options: FileImagesOptions) {
    checked("FileImages", options, ["shape", ...IMAGE_OPTIONS]);
    expectArgument(Array.isArray(paths), "FileImages", "paths", paths, "a list of paths");
    super(options);
    this.paths = paths;
    this.#files = paths.map((path) => new RecordFile(path, 1 + this.size));
    this.#length = this.#files.reduce((sum, file) => sum + file.length, 0);
  }

  get length(): number {
    return this.#length;
  }

  pixels(i: number): Uint8Array {
    return this.#record(i).subarray(1);
  }

  label(i: number): number {
    return this.#record(i)[0];
  }

  recipe(): Recipe {
    checkUnchanged(this, FileImages);
    return { export: "FileImages", arguments: [this.paths, this.options] };
  }

  /** Closes the files; the collector would, too, some time. */
  close(): void {
    for (const file of this.#files) file.close();
  }

  #record(i: number): Uint8Array {
    checkIndices("FileImages", [i], this.#length);
    let at = i;
    let file = 0;
    while (at >= this.#files[file].length) at -= this.#files[file++].length;
    return this.#files[file].read(at);
  }
}
