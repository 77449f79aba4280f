import { checked } from "../../00-runtime/index.ts";
import { FIND_OPTIONS, type Source } from "../download/source.ts";
import { readText, type TextFileOptions, unpackedFile } from "../download/text-file.ts";
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

const FILE = unpackedFile(
  "input.txt",
  1115394,
  "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
);

/** Where `TinyShakespeare` finds its file. */
export type TinyShakespeareOptions = TextFileOptions;

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
  /** Reads the text from its file. */
  static async load(options: TinyShakespeareOptions = {}): Promise<TinyShakespeare> {
    checked("TinyShakespeare.load", options, [...FIND_OPTIONS, "verify"]);
    return new TinyShakespeare(await readText(SOURCE, FILE, options));
  }
}
