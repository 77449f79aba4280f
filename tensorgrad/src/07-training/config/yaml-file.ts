import { readFileSync, statSync } from "node:fs";
import { type Document, isAlias, isMap, isNode, LineCounter, parseDocument, visit } from "yaml";
import { FormatError, showBytes } from "../../00-runtime/index.ts";

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
  constructor(path: string, call: string) {
    const text = readText(path, call);
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    this.#refuse(call);
    this.value = toValue(this.#document, call);
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
      const what =
        problem.code === "RESOURCE_EXHAUSTION" ? "lists in lists without an end in sight" : problem.message;
      throw new FormatError(`${call}: ${this.#at(problem.pos[0])}: ${what} — expected YAML 1.2`);
    }
    if (contents === null) {
      throw new FormatError(`${call}: the file is empty — expected keys with values, such as seed: 1`);
    }
    // Cycles must be found in the tree: as values they would be objects that contain themselves, and checks of those
    // would never end.
    visit(this.#document, {
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

/** The size is asked for before anything is read. */
function readText(path: string, call: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new FormatError(`${call}: there is no such file — expected the path of a YAML file`);
  if (!stat.isFile()) {
    throw new FormatError(
      `${call}: this is ${stat.isDirectory() ? "a folder" : "no file"} — expected the path of a YAML file`,
    );
  }
  if (stat.size > LARGEST) {
    throw new FormatError(
      `${call}: ${showBytes(stat.size)} — a configuration has at most ${showBytes(LARGEST)}; this is something else`,
    );
  }
  const bytes = readFileSync(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(`${call}: bytes that are not UTF-8 — expected text`, { cause });
  }
}
