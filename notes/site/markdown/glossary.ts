import type { MarkdownEnv, MarkdownRenderer } from "vitepress";

/** Terms by what they are called, with their line of the glossary as plain text. */
export type Terms = ReadonlyMap<string, string>;

/** Reads the lines `- **term** — what it is ([05](05-autograd.md))`. */
export function termsOf(glossary: string): Terms {
  const lines = glossary.matchAll(/^- \*\*(.+?)\*\* — (.+)$/gm);
  const plain = (text: string): string => text.replace(/ ?\(\[[^\]]*\]\([^)]*\)\)/g, "").replaceAll("`", "");
  return new Map([...lines].map(([, term, text]) => [term, plain(text)]));
}

export const anchorOf = (term: string): string => term.toLowerCase().replaceAll(" ", "-");

type State = Parameters<Parameters<MarkdownRenderer["core"]["ruler"]["push"]>[1]>[0];
type Token = State["tokens"][number];

/** Links the first use of each term in a note to its line in the glossary, and gives those lines their anchors. */
export function glossaryLinks(md: MarkdownRenderer, terms: Terms): void {
  const words = [...terms.keys()]
    .sort((a, b) => b.length - a.length)
    .map((term) => term.replace(/[^\w ]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\w/.-])(${words.join("|")})(?:s|es)?(?![\\w/-])`, "i");
  const names = new Map([...terms.keys()].map((term) => [term.toLowerCase(), term]));
  md.core.ruler.push("glossary", (state) => {
    const { relativePath } = state.env as MarkdownEnv;
    if (relativePath === "notes/glossary.md") anchors(state.tokens);
    else if (/^notes\/[^/]+\.md$/.test(relativePath)) {
      const left = new Map(names);
      for (const [i, token] of state.tokens.entries())
        if (token.children && !/^(heading|th)_open$/.test(state.tokens[i - 1]?.type ?? ""))
          token.children = linked(token.children, left, pattern, terms, state);
    }
  });
}

function anchors(tokens: readonly Token[]): void {
  for (const { children } of tokens) {
    const at = children?.findIndex(({ type }) => type === "strong_open") ?? -1;
    if (children && at >= 0) children[at].attrSet("id", anchorOf(children[at + 1].content));
  }
}

function linked(
  children: readonly Token[],
  left: Map<string, string>,
  pattern: RegExp,
  terms: Terms,
  state: State,
): Token[] {
  let inLink = 0;
  return children.flatMap((token) => {
    if (token.type === "link_open" || /^<(a|summary)\b/.test(token.content)) inLink++;
    if (token.type === "link_close" || /^<\/(a|summary)>/.test(token.content)) inLink--;
    return token.type === "text" && inLink === 0 ? pieces(token, left, pattern, terms, state) : [token];
  });
}

/** One text as text, link, text, … A term that was linked before stays text. */
function pieces(
  token: Token,
  left: Map<string, string>,
  pattern: RegExp,
  terms: Terms,
  state: State,
): Token[] {
  const made: Token[] = [];
  let from = 0;
  for (const found of token.content.matchAll(new RegExp(pattern, "gi"))) {
    const key = found[1].toLowerCase();
    const term = left.get(key);
    if (term === undefined) continue;
    left.delete(key);
    const open = new state.Token("link_open", "a", 1);
    open.attrs = [
      ["href", `/notes/glossary.md#${anchorOf(term)}`],
      ["class", "term"],
      ["title", terms.get(term) ?? term],
    ];
    made.push(text(token.content.slice(from, found.index), state), open, text(found[0], state));
    made.push(new state.Token("link_close", "a", -1));
    from = found.index + found[0].length;
  }
  return from === 0 ? [token] : [...made, text(token.content.slice(from), state)];
}

function text(content: string, state: State): Token {
  const token = new state.Token("text", "", 0);
  token.content = content;
  return token;
}
