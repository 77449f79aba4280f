/** Settings by name. Strings, numbers and booleans: what an address can hold. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

export interface UrlState<S extends Settings> {
  readonly value: S;
  /** Changes some settings. The address follows, without a new entry in the history. */
  set(changes: Partial<S>): void;
}

/**
 * Settings that live in the page's address, so that a link shows what its sender saw. Those that equal their default are left
 * out; a value of the wrong kind in the address is taken as the default.
 */
export function urlState<S extends Settings>(defaults: S): UrlState<S> {
  let value = read(defaults, new URLSearchParams(location.search));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const path = location.pathname;
  const write = (): void => {
    if (location.pathname !== path) return; // the page was left meanwhile
    const query = queryOf(value, defaults);
    history.replaceState(history.state, "", `${path}${query && `?${query}`}${location.hash}`);
  };
  return {
    get value() {
      return value;
    },
    set(changes) {
      value = { ...value, ...changes };
      clearTimeout(timer);
      timer = setTimeout(write, 150); // browsers refuse more than about a hundred changes in half a minute
    },
  };
}

/** What an address says, with defaults for what it does not say. */
export function read<S extends Settings>(defaults: S, query: URLSearchParams): S {
  const entries = Object.entries(defaults).map(([name, fallback]) => [
    name,
    valueOf(query.get(name), fallback),
  ]);
  return Object.fromEntries(entries) as S;
}

function valueOf(text: string | null, fallback: string | number | boolean): string | number | boolean {
  if (text === null) return fallback;
  if (typeof fallback === "string") return text;
  if (typeof fallback === "boolean") return text === "true" || (text !== "false" && fallback);
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : fallback;
}

/** The part of an address after `?`. */
export function queryOf<S extends Settings>(value: S, defaults: S): string {
  const query = new URLSearchParams();
  for (const [name, setting] of Object.entries(value))
    if (setting !== defaults[name]) query.set(name, String(setting));
  return query.toString();
}
