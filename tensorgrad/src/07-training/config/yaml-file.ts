import { readFileSync } from "node:fs";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { DEEPEST, FormatError } from "../../00-runtime/index.ts";
import { checkRegularFile } from "../../00-runtime/node.ts";

/** Far more than anybody writes by hand. */
const LARGEST = 2 ** 20;
/** A value may stand for at most so many nodes of the file's text: aliases of aliases grow exponentially. */
const MOST_ALIASES = 1000;

/** A key's place in a configuration: `["optimizer", "lr"]`. */
export type Path = readonly (string | number)[];

/** The values of a YAML file, and where they stand in it. */
export class YamlFile {
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines: LineCounter;

  /** Throws  FormatError naming line and column for whatever is no YAML, or no plain data; `call` comes first */
  constructor(text: string, call: string) {
    checkDepth(text, call);
    this.#lines = new LineCounter();
    // The parser compares every key with every other one; here each is looked up once.
    const options = { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false };
    this.#document = parseDocument(text, options);
    this.#refuse(call);
    this.value = toValue(this.#document, call);
  }

  static read(path: string, call: string): YamlFile {
    return new YamlFile(readText(path, call), call);
  }

  /** "line 3, column 5": of the key at this path or, where it is missing, of what should contain it. */
  where(path: Path): string {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offset(path.slice(0, length));
      if (offset !== null) return this.#at(offset);
    }
    return this.#at(0);
  }

  /** Where the key begins, or an element of a list; null for what was not written, such as a default. */
  #offset(path: Path): number | null {
    const key = path.at(-1);
    const parent = this.#document.getIn(path.slice(0, -1), true);
    const node = this.#document.getIn(path, true);
    const pair = isMap(parent)
      ? parent.items.find(({ key: name }) => isNode(name) && name.toJSON() === key)
      : undefined;
    const found = pair?.key ?? node;
    return isNode(found) ? (found.range?.[0] ?? null) : null;
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `line ${Math.max(1, line)}, column ${Math.max(1, col)}`;
  }

  /** All that a parser lets pass but that is no configuration. The first problem is the one worth reading. */
  #refuse(call: string): void {
    const { errors, warnings, contents } = this.#document;
    const problem = errors[0] ?? warnings[0];
    if (problem) {
      throw new FormatError(`${call}: ${this.#at(problem.pos[0])}: ${problem.message} — expected YAML 1.2`);
    }
    if (contents === null) {
      throw new FormatError(`${call}: the file is empty — expected keys with values, such as seed: 1`);
    }
    // Cycles must be found in the tree: as values they would be objects that contain themselves, and checks of those
    // would never end.
    visit(this.#document, {
      Map: (_, map) => this.#checkKeys(map, call),
      Alias: (_, alias, ancestors) => {
        const target = alias.resolve(this.#document);
        if (target && !ancestors.includes(target)) return;
        const why = target ? "is part of what it stands for" : "stands for nothing";
        throw new FormatError(
          `${call}: ${this.#at(alias.range?.[0] ?? 0)}: *${alias.source} ${why} — an alias repeats an &${alias.source} that ended before it`,
        );
      },
    });
  }

  #checkKeys(map: YAMLMap, call: string): void {
    const seen = new Set<unknown>();
    for (const { key } of map.items) {
      const problem = !isScalar(key)
        ? "a key that is no text — keys are words"
        : seen.has(key.value) && `the key ${JSON.stringify(key.value)} is there twice — keys must be unique`;
      if (problem) {
        const at = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        throw new FormatError(`${call}: ${this.#at(at)}: ${problem}`);
      }
      seen.add((key as Scalar).value);
    }
  }
}

/** Documents are composed by recursion, and a stack that is full ends the whole process: the depth is looked at before. */
function checkDepth(text: string, call: string): void {
  const parser = new Parser();
  let at = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme)); // what it yields is not needed
    at += lexeme.length;
    if (parser.stack.length <= DEEPEST) continue;
    const line = text.slice(0, at).split("\n").length;
    throw new FormatError(
      `${call}: line ${line}: lists and keys are nested more than ${DEEPEST} deep — write it flatter`,
    );
  }
}

/** The parser counts while it repeats what aliases stand for, and gives up in time. */
function toValue(document: Document, call: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (cause) {
    let count = 0;
    visit(document, (_, node) => void (isAlias(node) && count++));
    throw new FormatError(
      `${call}: ${count} aliases that stand for more than ${MOST_ALIASES} values — write them out, or leave them out`,
      { cause },
    );
  }
}

function readText(path: string, call: string): string {
  checkRegularFile(path, call, { what: "the path of a YAML file", most: LARGEST });
  const bytes = readFileSync(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(`${call}: bytes that are not UTF-8 — expected text`, { cause });
  }
}
