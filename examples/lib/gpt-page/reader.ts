/** The text on the page: every character can be chosen, to see where it looked. */
export class Reader {
  readonly #text = document.getElementById("text") as HTMLElement;
  readonly #layer = document.getElementById("layer") as HTMLSelectElement;
  readonly #head = document.getElementById("head") as HTMLSelectElement;
  readonly #caption = document.getElementById("looked") as HTMLElement;
  readonly #ask: (text: string) => void;
  #characters: HTMLElement[] = [];
  #chosen = -1;
  #weights: readonly (readonly number[][])[] = [];

  /** `ask` wants to know where the last character of a text looks; the answer comes to `show`. */
  constructor(ask: (text: string) => void) {
    this.#ask = ask;
    for (const select of [this.#layer, this.#head]) select.addEventListener("change", () => this.#paint());
    this.#text.addEventListener("click", ({ target }) => {
      const place = this.#characters.indexOf(target as HTMLElement);
      if (place >= 0) this.#choose(place);
    });
    this.#text.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step === undefined || this.#chosen < 0) return;
      event.preventDefault();
      this.#choose(Math.min(Math.max(this.#chosen + step, 0), this.#characters.length - 1));
    });
  }

  begin(prompt: string): void {
    this.#text.replaceChildren();
    [this.#characters, this.#chosen, this.#weights] = [[], -1, []];
    this.#caption.textContent = "";
    for (const one of prompt) this.#append(one, "given");
  }

  add(text: string): void {
    for (const one of text) this.#append(one, "new");
    this.#text.scrollTop = this.#text.scrollHeight;
  }

  end(): void {
    this.#choose(this.#characters.length - 1);
  }

  /** Weights by layer and head of the last characters of a text; those of another text come too late. */
  show(text: string, weights: readonly (readonly number[][])[]): void {
    if (text !== this.#upTo(this.#chosen)) return;
    this.#weights = weights;
    this.#paint();
  }

  #append(character: string, kind: "given" | "new"): void {
    const place = document.createElement("span");
    place.className = kind;
    place.textContent = character;
    this.#text.append(place);
    this.#characters.push(place);
  }

  #choose(place: number): void {
    this.#chosen = place;
    this.#ask(this.#upTo(place));
  }

  #upTo(place: number): string {
    return this.#characters
      .slice(0, place + 1)
      .map(({ textContent }) => textContent)
      .join("");
  }

  /** The darker a character, the more the chosen one took from it; the largest weight has the full colour. */
  #paint(): void {
    for (const one of this.#characters) {
      one.style.removeProperty("--weight");
      one.classList.remove("chosen");
    }
    const row = this.#row();
    if (row.length === 0) return;
    this.#characters[this.#chosen].classList.add("chosen");
    const [most, first] = [Math.max(...row), this.#chosen + 1 - row.length];
    for (const [i, weight] of row.entries())
      this.#characters[first + i].style.setProperty("--weight", `${Math.round((100 * weight) / most)}%`);
    const likeliest = first + row.indexOf(most);
    this.#caption.textContent =
      `${nameOf(this.#characters[this.#chosen])}, character ${this.#chosen + 1}, takes ${Math.round(100 * most)} % ` +
      `from ${nameOf(this.#characters[likeliest])}, ${this.#chosen - likeliest} before it.`;
  }

  /** The mean of the layers and heads that are selected. */
  #row(): number[] {
    const only = <T>(list: readonly T[], { value }: HTMLSelectElement): readonly T[] =>
      value === "all" ? list : [list[Number(value)]];
    if (this.#weights.length === 0) return [];
    const rows = only(this.#weights, this.#layer).flatMap((heads) => only(heads, this.#head));
    return rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  }
}

const nameOf = ({ textContent }: HTMLElement): string =>
  textContent === "\n" ? "a line break" : textContent === " " ? "a space" : `“${textContent}”`;
