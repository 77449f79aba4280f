import { type FindOptions, findFile, type Source, type SourceFile } from "../download/source.ts";
import { checkContent, readUnpacked } from "../download/unpack.ts";
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

const SHA256 = "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d";
const FILE: SourceFile = {
  name: "names.txt",
  sha256: SHA256,
  packed: { name: "names.txt", bytes: 228145, sha256: SHA256 },
};

export interface NamesOptions extends FindOptions {
  /** Whether the file must have the published SHA-256; `false` admits others of the same form. */
  readonly verify?: boolean;
}

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
  static async load({ verify = true, ...options }: NamesOptions = {}): Promise<Names> {
    const content = await readUnpacked(SOURCE.title, await findFile(SOURCE, FILE, options));
    if (verify) checkContent(SOURCE.title, content, FILE);
    const lines = new TextDecoder().decode(content.bytes).split(/\r?\n/);
    return new Names(lines.filter((line) => line !== ""));
  }
}
