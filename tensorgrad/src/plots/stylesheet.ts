import { variables } from "./theme.ts";

/** The look of a page: a quiet serif column of text, wide enough for two plots side by side. */
export function stylesheet(): string {
  return `${variables()}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 17px/1.6 "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
}
main { max-width: 64rem; margin: 0 auto; padding: 4rem 1.5rem 6rem; }
header p, section > p { max-width: 42rem; }
header p { font-size: 1.1rem; color: var(--muted); margin: 0 0 2.5rem; }
h1 { font-size: 2.4rem; line-height: 1.15; font-weight: 600; letter-spacing: -0.015em; margin: 0 0 0.75rem; text-wrap: balance; }
h2 { font-size: 1.5rem; line-height: 1.25; font-weight: 600; margin: 4rem 0 0.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
p { margin: 0 0 1.25rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.5rem; margin: 1.5rem 0; align-items: start; }
figure { margin: 0; padding: 1.1rem 1.1rem 0.9rem; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; min-width: 0; height: 100%; }
figure.diagram, figure.wide { grid-column: 1 / -1; }
figure svg { display: block; max-width: 100%; height: auto; }
figure.diagram svg { margin: 0 auto; min-width: 40rem; }
figure.diagram .graph > polygon { fill: none; }
figure:only-child:not(.diagram, .wide) { max-width: 42rem; }
figure:only-child:not(.diagram, .wide) svg { width: 100%; }
figcaption { font-size: 0.9rem; line-height: 1.5; color: var(--muted); margin-top: 0.6rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font: 0.9rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.5rem 1rem 0.5rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 500; font-size: 0.8rem; color: var(--muted); white-space: nowrap; }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
.quiet { color: var(--muted); }
.passed, .missed { text-align: right; white-space: nowrap; font-weight: 600; }
.passed { color: var(--blue); }
.missed { color: var(--orange); }
@media (prefers-color-scheme: dark) {
  image { filter: invert(1); }
  figure.diagram svg { filter: invert(0.9) hue-rotate(180deg); }
}
@media print { body { font-size: 12px; } figure { break-inside: avoid; } }`;
}
