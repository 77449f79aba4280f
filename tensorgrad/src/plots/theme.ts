/**
 * The colours of every plot and page. Plots name the variables with the light value as fallback, so an SVG
 * also stands alone; a page defines them for light and dark. Blue and orange stay apart for all common kinds
 * of colour blindness (Okabe & Ito 2008, Color Universal Design), and each text colour has ≥ 4.5 : 1 contrast.
 */
const light = {
  paper: "#fdfcf9",
  panel: "#ffffff",
  ink: "#1d2329",
  muted: "#5d6670",
  line: "#dcd9d1",
  blue: "#0b66a8",
  orange: "#bf4e00",
} as const;

type Name = keyof typeof light;

const dark: Readonly<Record<Name, string>> = {
  paper: "#14171a",
  panel: "#1b1f23",
  ink: "#e8e6e1",
  muted: "#9aa3ac",
  line: "#343a40",
  blue: "#5db3f0",
  orange: "#f39a5b",
};

/** Every colour by its name, for a page that chooses between light and dark itself. */
export const palette: Readonly<Record<"light" | "dark", Readonly<Record<Name, string>>>> = { light, dark };

/** `color("ink")` is `var(--ink, #1d2329)`. */
export function color(name: Name): string {
  return `var(--${name}, ${light[name]})`;
}

/** The light value itself. */
export const literal = (name: Name): string => light[name];

/** `share` (0 to 1) of one colour laid over another. */
export function mix(over: string, under: string, share: number): string {
  return `color-mix(in oklab, ${over} ${Math.round(100 * share)}%, ${under})`;
}

/** The variables themselves, for a page that follows the reader's setting. */
export function variables(): string {
  const list = (colors: Readonly<Record<Name, string>>) =>
    Object.entries(colors)
      .map(([name, value]) => `--${name}: ${value};`)
      .join(" ");
  return `:root { color-scheme: light dark; ${list(light)} }
@media (prefers-color-scheme: dark) { :root { ${list(dark)} } }`;
}
