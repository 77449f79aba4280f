/**
 * Expressions in micrograd's words.
 *
 *   program     statements divided by `;` or a new line; the last one is the result
 *   statement   name = sum | sum
 *   sum         product, then + or − product …
 *   product     sign, then * or / sign …
 *   sign        − sign | power
 *   power       atom ^ sign, from the right
 *   atom        number | name | function ( sum ) | ( sum )
 */

export type Expression =
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "name"; readonly name: string; readonly at: number }
  | { readonly kind: "call"; readonly name: FunctionName; readonly input: Expression; readonly at: number }
  | { readonly kind: "negative"; readonly input: Expression; readonly at: number }
  | {
      readonly kind: "binary";
      readonly op: "+" | "-" | "*" | "/" | "^";
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    };

export interface Statement {
  readonly name: string | null;
  readonly value: Expression;
}

export const functionNames = ["tanh", "relu", "sigmoid", "exp", "log", "sqrt", "abs"] as const;
export type FunctionName = (typeof functionNames)[number];

/** What is wrong with a text, and where: the first character has the position 0. */
export class ExpressionError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(`position ${at + 1}: ${message}`);
    this.at = at;
  }
}

interface Token {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

const SIGNS: Readonly<Record<string, string>> = { "−": "-", "·": "*", "×": "*", "÷": "/", "\n": ";" };
const TOKEN = /(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([a-z_]\w*)|(\*\*|[-+*/^()=;\n−·×÷])/iy;
/** Deeper than anyone types; a recursion without a limit would end with a message about a stack. */
const DEEPEST = 200;

function tokens(text: string): Token[] {
  const list: Token[] = [];
  for (let at = 0; at < text.length; ) {
    if (/[^\S\n]/.test(text[at])) {
      at++;
      continue;
    }
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found)
      throw new ExpressionError(
        `“${String.fromCodePoint(text.codePointAt(at) ?? 0)}” has no meaning here`,
        at,
      );
    const [all, number, name] = found;
    const sign = all === "**" ? "^" : (SIGNS[all] ?? all);
    list.push({ kind: number ? "number" : name ? "name" : "sign", text: number || name || sign, at });
    at += all.length;
  }
  return [...list, { kind: "end", text: "", at: text.length }];
}

/** Throws ExpressionError. */
export function parse(text: string): Statement[] {
  return new Parser(tokens(text)).program();
}

class Parser {
  readonly #tokens: readonly Token[];
  #place = 0;
  #depth = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  program(): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      while (this.#take(";"));
      if (this.#atEnd()) break;
      statements.push(this.#statement());
      if (!this.#atEnd() && this.#next.text !== ";") throw this.#unexpected("an operator, “;” or the end");
    }
    if (statements.length === 0) throw new ExpressionError("nothing is there to compute", 0);
    return statements;
  }

  #statement(): Statement {
    const [name, equals] = this.#tokens.slice(this.#place, this.#place + 2);
    if (name.kind !== "name" || equals.text !== "=") return { name: null, value: this.#sum() };
    if (functionNames.some((one) => one === name.text))
      throw new ExpressionError(`“${name.text}” is a function and cannot be a name`, name.at);
    this.#place += 2;
    return { name: name.text, value: this.#sum() };
  }

  #sum(): Expression {
    return this.#chain(["+", "-"], () => this.#product());
  }

  #product(): Expression {
    return this.#chain(["*", "/"], () => this.#sign());
  }

  #chain(signs: readonly ("+" | "-" | "*" | "/")[], part: () => Expression): Expression {
    let left = part();
    for (;;) {
      const { at } = this.#next;
      const op = signs.find((sign) => this.#take(sign));
      if (!op) return left;
      left = { kind: "binary", op, left, right: part(), at };
    }
  }

  #sign(): Expression {
    const { at } = this.#next;
    if (++this.#depth > DEEPEST) throw new ExpressionError(`more than ${DEEPEST} levels deep`, at);
    try {
      if (this.#take("+")) return this.#sign();
      if (!this.#take("-")) return this.#power();
      const input = this.#sign();
      return input.kind === "number"
        ? { ...input, value: -input.value, at }
        : { kind: "negative", input, at };
    } finally {
      this.#depth--;
    }
  }

  #power(): Expression {
    const left = this.#atom();
    const { at } = this.#next;
    if (!this.#take("^")) return left;
    return { kind: "binary", op: "^", left, right: this.#sign(), at };
  }

  #atom(): Expression {
    const { kind, text, at } = this.#next;
    if (kind === "number") return this.#step({ kind, value: Number(text), at });
    if (kind === "name") return this.#named(text, at);
    if (!this.#take("(")) throw this.#unexpected("a number, a name or “(”");
    const inside = this.#sum();
    if (!this.#take(")")) throw this.#unexpected("“)”");
    return inside;
  }

  #named(name: string, at: number): Expression {
    this.#place++;
    const known = functionNames.find((one) => one === name);
    if (this.#next.text !== "(") {
      if (known) throw this.#unexpected(`“(” after ${name}`);
      return { kind: "name", name, at };
    }
    if (!known)
      throw new ExpressionError(`there is no function “${name}”; there are ${functionNames.join(", ")}`, at);
    return { kind: "call", name: known, input: this.#atom(), at };
  }

  #atEnd(): boolean {
    return this.#next.kind === "end";
  }

  get #next(): Token {
    return this.#tokens[this.#place];
  }

  #step(found: Expression): Expression {
    this.#place++;
    return found;
  }

  #take(sign: string): boolean {
    const same = this.#next.kind === "sign" && this.#next.text === sign;
    if (same) this.#place++;
    return same;
  }

  #unexpected(wanted: string): ExpressionError {
    const { kind, text, at } = this.#next;
    return new ExpressionError(`expected ${wanted}, found ${kind === "end" ? "the end" : `“${text}”`}`, at);
  }
}
