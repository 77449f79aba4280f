/**
 * Evaluates formulas in the notation that people read: `g·(1 − y²)`, `Σ (x − mean x)²/n`, `g where x > 0, else 0`,
 * `x·Φ(x) with Φ(x) = (1 + erf(x/√2))/2`. What follows " — " is a remark. It shares no line with the engine, so what a
 * report prints is a second opinion on what the engine computes.
 */

/** A number, or one number per element. */
export type Quantity = number | readonly number[];
export type Quantities = Readonly<Record<string, Quantity>>;

type Call = (...args: Quantity[]) => Quantity;

/** What a formula is read with: values and functions by name. */
interface Scope {
  readonly values: Map<string, Quantity>;
  readonly calls: Map<string, Call>;
}

/** The value of a formula, without its `y = `. Throws a SyntaxError that shows where it stops making sense. */
export function valueOf(formula: string, values: Quantities): Quantity {
  const [said] = formula.split(" — ");
  const [body, definitions = ""] = said.split(" with ");
  const scope = { values: new Map(Object.entries({ ...constants, ...values })), calls: new Map(builtIn) };
  for (const definition of definitions ? definitions.split(/, (?=\S+ = )/) : []) define(definition, scope);
  return new Reader(body, scope).formula();
}

/** `u = √2·x` names a value, `σ(x) = 1/(1 + e⁻ˣ)` a function. */
function define(definition: string, scope: Scope): void {
  const [left, right] = definition.split(" = ");
  const [name, parameter] = left.replace(")", "").split("(");
  if (parameter === undefined) scope.values.set(name, new Reader(right, scope).formula());
  else {
    scope.calls.set(name, (x) => {
      const values = new Map(scope.values).set(parameter, x);
      return new Reader(right, { ...scope, values }).formula();
    });
  }
}

// ————————————————————————————————————————————————————————————————————————————————————————————————————— numbers

/** Of letters that formulas share; inputs may take their names over. */
const constants: Quantities = { π: Math.PI, e: Math.E };

/** Numbers with numbers, elements with elements, a number with every element. */
const zip =
  (f: (a: number, b: number) => number) =>
  (a: Quantity, b: Quantity): Quantity => {
    if (typeof a === "number") return typeof b === "number" ? f(a, b) : b.map((n) => f(a, n));
    return typeof b === "number" ? a.map((n) => f(n, b)) : a.map((n, i) => f(n, b[i]));
  };
/** One number, or each element. */
const map =
  (f: (a: number) => number): Call =>
  (a) =>
    typeof a === "number" ? f(a) : a.map(f);
/** All elements made one; a number is its own sum. */
const fold =
  (f: (a: number, b: number) => number): Call =>
  (a) =>
    typeof a === "number" ? a : a.reduce((all, n) => f(all, n));
const truth = (holds: boolean): number => (holds ? 1 : 0);

const sum = fold((a, b) => a + b);
const power = zip((a, b) => a ** b);
const times = zip((a, b) => a * b);
/** The nearest whole number; of two equally near ones the even one. */
const round = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** 2/√π·∫₀ˣ e^(−t²) dt by Simpson's rule on 2000 intervals: within 1e-13. */
function erf(x: number): number {
  const [n, f] = [2000, (t: number) => Math.exp(-t * t)];
  const h = x / n;
  let total = f(0) + f(x);
  for (let i = 1; i < n; i++) total += f(i * h) * (i % 2 ? 4 : 2);
  return ((2 / Math.sqrt(Math.PI)) * total * h) / 3;
}

/** Functions of one argument, those of `Math` among them, need no brackets: `sin x`, `ln(1 + x)`. */
const builtIn: readonly (readonly [string, Call])[] = [
  ...Object.entries(Object.getOwnPropertyDescriptors(Math)).flatMap(([name, { value }]) =>
    typeof value === "function" && value.length === 1 ? [[name, map(value)] as const] : [],
  ),
  ["ln", map(Math.log)],
  ["erf", map(erf)],
  ["round", map(round)],
  ["max", (a, b) => (b === undefined ? fold(Math.max)(a) : zip(Math.max)(a, b))],
  ["min", (a, b) => (b === undefined ? fold(Math.min)(a) : zip(Math.min)(a, b))],
];

/** They take the whole product to their right: Σ g·y is Σ (g·y). */
const over: Readonly<Record<string, Call>> = {
  Σ: sum,
  Π: fold((a, b) => a * b),
  "⋁": (a) => map((n) => truth(n !== 0))(fold(Math.max)(map(Math.abs)(a))),
  "⋀": (a) => map((n) => truth(n !== 0))(fold(Math.min)(map(Math.abs)(a))),
  mean: (a) => times(sum(a), 1 / (typeof a === "number" ? 1 : a.length)),
};

/** From the loosest to the tightest. */
const levels: readonly Readonly<Record<string, (a: Quantity, b: Quantity) => Quantity>>[] = [
  { "∨": zip((a, b) => truth(a !== 0 || b !== 0)), "⊕": zip((a, b) => truth((a !== 0) !== (b !== 0))) },
  { "∧": zip((a, b) => truth(a !== 0 && b !== 0)) },
  {
    "=": zip((a, b) => truth(a === b)),
    "≠": zip((a, b) => truth(a !== b)),
    "<": zip((a, b) => truth(a < b)),
    "≤": zip((a, b) => truth(a <= b)),
    ">": zip((a, b) => truth(a > b)),
    "≥": zip((a, b) => truth(a >= b)),
  },
  { "+": zip((a, b) => a + b), "−": zip((a, b) => a - b) },
  { "·": times, "/": zip((a, b) => a / b) },
];

// ————————————————————————————————————————————————————————————————————————————————————————————————————— reading

/** Small letters that stand high, and what they say. */
const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵇˣ";
const lowered = "0123456789−bx";
/** A number, a run of raised letters, a word (with a stroke: u′), or a single sign. */
const token = new RegExp(`\\d+(?:\\.\\d+)?|[${raised}]+|[A-Za-zα-ωΦ]+′?|\\S`, "gu");

/** Signs that come in pairs, and what they do to what they enclose. */
const brackets: Readonly<Record<string, readonly [end: string, Call]>> = {
  "(": [")", (x) => x],
  "|": ["|", map(Math.abs)],
  "⌊": ["⌋", map(Math.floor)],
  "⌈": ["⌉", map(Math.ceil)],
};

/** Reads and computes in one go, one method per kind of expression. */
class Reader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  readonly #scope: Scope;
  #at = 0;

  constructor(text: string, scope: Scope) {
    [this.#text, this.#scope] = [text, scope];
    this.#tokens = text.match(token) ?? [];
  }

  formula(): Quantity {
    const value = this.#pieces();
    if (this.#at < this.#tokens.length) throw this.#stuck();
    return value;
  }

  /** `a where p, b where q, else c` */
  #pieces(): Quantity {
    const value = this.#level(0);
    if (!this.#take("where")) return value;
    const holds = this.#level(0);
    this.#expect(",");
    const rest = this.#take("else") ? this.#level(0) : this.#pieces();
    // Both are computed for all elements and one is taken: ln x is NaN where it is not asked for, and stays out.
    const [yes, no] = [zip((p, a) => (p ? a : 0))(holds, value), zip((p, b) => (p ? 0 : b))(holds, rest)];
    return zip((a, b) => a + b)(yes, no);
  }

  /** Operators of one strength, from left to right; what binds tighter is read below. */
  #level(depth: number): Quantity {
    if (depth === levels.length) return this.#signed();
    let value = this.#level(depth + 1);
    for (let f = levels[depth][this.#next]; f; f = levels[depth][this.#next]) {
      this.#at++;
      value = f(value, this.#level(depth + 1));
    }
    return value;
  }

  /** −x² is −(x²). */
  #signed(): Quantity {
    if (this.#take("−")) return times(-1, this.#signed());
    if (this.#take("¬")) return map((n) => truth(n === 0))(this.#signed());
    return this.#raised(this.#atom());
  }

  /** 2^3^2 is 2^(3^2). */
  #raised(base: Quantity): Quantity {
    if (this.#take("^")) return power(base, this.#raised(this.#atom()));
    if (!this.#isRaised()) return base;
    return power(base, this.#exponent());
  }

  #isRaised(): boolean {
    return raised.includes(this.#next[0] ?? " ");
  }

  /** ², ᵇ⁻¹: an expression of its own, in small letters. */
  #exponent(): Quantity {
    const said = [...this.#tokens[this.#at++]].map((small) => lowered[raised.indexOf(small)]).join("");
    return new Reader(said, this.#scope).formula();
  }

  #atom(): Quantity {
    const word = this.#tokens[this.#at++] ?? "";
    if (word in brackets) {
      const [end, f] = brackets[word];
      const value = this.#pieces();
      this.#expect(end);
      return f(value);
    }
    if (word === "√") return power(this.#atom(), 0.5);
    if (word in over) return over[word](this.#product());
    const call = this.#scope.calls.get(word);
    if (call) return this.#called(call);
    const value = /^\d/.test(word) ? Number(word) : this.#scope.values.get(word);
    if (value === undefined) throw this.#stuck(1);
    return value;
  }

  /** `sin x`, `max(a, b)`, `tanh² u` */
  #called(call: Call): Quantity {
    const exponent = this.#isRaised() ? this.#exponent() : 1;
    if (!this.#take("(")) return power(call(this.#signed()), exponent);
    const args = [this.#pieces()];
    while (this.#take(",")) args.push(this.#pieces());
    this.#expect(")");
    return power(call(...args), exponent);
  }

  /** Up to the first + − or /. */
  #product(): Quantity {
    let value = this.#signed();
    while (this.#take("·")) value = times(value, this.#signed());
    return value;
  }

  /** The token at hand; nothing at the end. */
  get #next(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #take(wanted: string): boolean {
    if (this.#next !== wanted) return false;
    this.#at++;
    return true;
  }

  #expect(wanted: string): void {
    if (!this.#take(wanted)) throw this.#stuck(0, ` — "${wanted}" is due`);
  }

  #stuck(back = 0, due = ""): SyntaxError {
    const read = this.#tokens.slice(0, this.#at - back).join(" ");
    return new SyntaxError(`formula "${this.#text}": stuck after "${read}"${due}`);
  }
}
