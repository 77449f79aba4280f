import { checked } from "../../00-runtime/index.ts";
import { FIND_OPTIONS, type Source } from "../download/source.ts";
import { readText, type TextFileOptions, unpackedFile } from "../download/text-file.ts";
import { WordList } from "./word-list.ts";

/**
 * First names of 2018: 32,033 lines, 29,494 different names of a to z, from 2 to 15 letters.
 *
 * Source  US Social Security Administration (public domain), chosen by Karpathy 2022, makemore
 */
const SOURCE: Source = {
  title: "Names",
  folders: ["names"],
  mirrors: [
    "https://raw.githubusercontent.com/karpathy/makemore/master",
    "https://cdn.jsdelivr.net/gh/karpathy/makemore@master",
  ],
  substitute: "syntheticNames, which need no files",
};

const FILE = unpackedFile(
  "names.txt",
  228145,
  "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
);

/** Where `Names` finds its file. */
export type NamesOptions = TextFileOptions;

/**
 * Names, each of them once:
 *
 *   const [train, validation] = (await Names.load()).split(0.9, random);
 *
 * Looks for the file in `$TENSORGRAD_DATA/names`, then `$TENSORGRAD_DATA`, then the cache folder, and downloads it into the
 * cache if it is nowhere.
 *
 * Throws  FormatError if the file is damaged, DataNotFoundError if there is none and no network
 */
export class Names extends WordList {
  /** Reads the names from their file. */
  static async load(options: NamesOptions = {}): Promise<Names> {
    checked("Names.load", options, [...FIND_OPTIONS, "verify"]);
    const lines = (await readText(SOURCE, FILE, options)).split(/\r?\n/);
    return new Names(lines.filter((line) => line !== ""));
  }
}
