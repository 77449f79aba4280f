import { FormatError } from "../../00-runtime/index.ts";
import { type FindOptions, findFile, type Source, type SourceFile } from "../download/source.ts";
import { checkContent, readUnpacked } from "../download/unpack.ts";
import { Corpus } from "./corpus.ts";

/**
 * tiny Shakespeare: 40,000 lines of his plays, 1,115,394 characters, 65 of them different.
 *
 * Source  Karpathy 2015, char-rnn
 */
const SOURCE: Source = {
  title: "TinyShakespeare",
  folders: ["tinyshakespeare"],
  mirrors: [
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare",
    "https://cdn.jsdelivr.net/gh/karpathy/char-rnn@master/data/tinyshakespeare",
  ],
  substitute: "syntheticText, which needs no files",
};

const SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed";
const FILE: SourceFile = {
  name: "input.txt",
  sha256: SHA256,
  packed: { name: "input.txt", bytes: 1115394, sha256: SHA256 },
};

export interface TinyShakespeareOptions extends FindOptions {
  /** Whether the text must have the published SHA-256; `false` admits another text under the same file name. */
  readonly verify?: boolean;
}

/**
 * The text, from which characters become numbers and numbers become windows:
 *
 *   const [train, validation] = (await TinyShakespeare.load()).split();
 *   const windows = new TextDataset(train.ids(), 256);
 *
 * Looks for the file, packed or not, in `$TENSORGRAD_DATA/tinyshakespeare`, then `$TENSORGRAD_DATA`, then the cache
 * folder, and downloads it into the cache if it is nowhere.
 *
 * Throws  FormatError if the file is damaged, DataNotFoundError if there is none and no network
 */
export class TinyShakespeare extends Corpus {
  static async load({ verify = true, ...options }: TinyShakespeareOptions = {}): Promise<TinyShakespeare> {
    const content = await readUnpacked(SOURCE.title, await findFile(SOURCE, FILE, options));
    if (verify) checkContent(SOURCE.title, content, FILE);
    try {
      return new TinyShakespeare(
        new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content.bytes),
      );
    } catch {
      throw new FormatError(`TinyShakespeare: ${content.file} is no text in UTF-8 — replace it`);
    }
  }
}
