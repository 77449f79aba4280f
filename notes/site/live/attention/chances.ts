/**
 * The chance of each character, as `generate` draws them: the temperature first, then the k likeliest of them. Temperature 0 takes the
 * likeliest.
 */
export function chancesOf(
  scores: ArrayLike<number>,
  { temperature, topK }: { readonly temperature: number; readonly topK: number | null },
): Float64Array {
  const list = Array.from(scores);
  const ranked = list.map((_, id) => id).sort((a, b) => list[b] - list[a] || a - b);
  const chances = new Float64Array(list.length);
  const kept = ranked.slice(0, temperature === 0 ? 1 : (topK ?? list.length));
  const weights = kept.map((id) =>
    temperature === 0 ? 1 : Math.exp((list[id] - list[kept[0]]) / temperature),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, id] of kept.entries()) chances[id] = weights[i] / total;
  return chances;
}

export interface Guess {
  readonly id: number;
  readonly model: number;
  readonly counted: number;
}

/** Less than this is 0.0 % on the page. */
const VISIBLE = 0.0005;

/** The likeliest by the model, and those that the counts put among their first: at most `most` of them. */
export function guesses(
  model: Float64Array,
  counted: Float64Array,
  { most = 12, fromCounts = 4 } = {},
): Guess[] {
  const first = (chances: Float64Array, n: number) =>
    Array.from(chances.keys())
      .filter((id) => chances[id] >= VISIBLE)
      .sort((a, b) => chances[b] - chances[a] || a - b)
      .slice(0, n);
  const ids = new Set([...first(counted, fromCounts), ...first(model, most)]);
  return [...ids]
    .map((id) => ({ id, model: model[id], counted: counted[id] }))
    .sort((a, b) => b.model - a.model || b.counted - a.counted)
    .slice(0, most);
}

/** A character so that one sees it. */
export const visible = (character: string): string => ({ "\n": "↵", " ": "␣" })[character] ?? character;

/** A character as one speaks of it. */
export const spoken = (character: string): string =>
  ({ "\n": "line break", " ": "space" })[character] ?? `“${character}”`;
