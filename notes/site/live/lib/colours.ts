/** Names of the site's colours; in SVG and CSS write `var(--series-1)` and they follow the scheme by themselves. */
export type Colour =
  | "ink"
  | "muted"
  | "line"
  | "paper"
  | "series-1"
  | "series-2"
  | "series-3"
  | "series-4"
  | "fault";

/** The colours as they are now, for a canvas, which knows no variables. */
export function colours(root: HTMLElement): Readonly<Record<Colour, string>> {
  const style = getComputedStyle(root);
  return new Proxy({} as Record<Colour, string>, {
    get: (_, name) => style.getPropertyValue(`--${String(name)}`).trim(),
  });
}

export const isDark = (): boolean => document.documentElement.classList.contains("dark");

/** Calls `draw` when the reader changes between light and dark; returns what ends that. */
export function onScheme(draw: () => void): () => void {
  let dark = isDark();
  const observer = new MutationObserver(() => {
    if (dark === isDark()) return;
    dark = isDark();
    draw();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}

/** A canvas for `width × height` CSS pixels, sharp on every screen, and its context in CSS pixels. */
export function canvas(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const made = document.createElement("canvas");
  const ratio = globalThis.devicePixelRatio || 1;
  made.width = Math.round(width * ratio);
  made.height = Math.round(height * ratio);
  made.style.width = `${width}px`;
  const context = made.getContext("2d");
  if (!context) throw new Error("this browser draws no canvas");
  context.scale(ratio, ratio);
  return [made, context];
}
