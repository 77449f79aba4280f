import { palette } from "../../../../tensorgrad/src/plots/theme.ts";

/** The look that all live parts share, in the colours of the plots. VitePress puts the class `dark` at the root. */
const list = (colors: Readonly<Record<string, string>>): string =>
  Object.entries(colors)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(" ");

const base = `
.live { ${list(palette.light)} color-scheme: light; }
.dark .live { ${list(palette.dark)} color-scheme: dark; }
.live, .live * { box-sizing: border-box; }
.live { color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem 0; min-width: 0; }
.live p { margin: 0.4rem 0; line-height: 1.5; }
.live .quiet { color: var(--muted); }
.live .row { display: flex; flex-wrap: wrap; gap: 0.75rem 1.25rem; align-items: end; margin: 0.75rem 0; }
.live .side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.25rem; align-items: start; }
.live .side > * { min-width: 0; }
.live .control { display: block; flex: 1 1 11rem; min-width: 0; margin: 0; padding: 0; border: 0; }
.live .choice, .live .toggle { flex: 0 1 auto; }
.live label, .live legend { display: block; font-size: 13px; color: var(--muted); padding: 0; margin: 0 0 0.25rem; }
.live output { color: var(--ink); font-variant-numeric: tabular-nums; }
.live input[type="text"], .live input[type="number"], .live textarea, .live select {
  width: 100%; font: inherit; color: var(--ink); background: var(--panel); border: 1px solid var(--line);
  border-radius: 8px; padding: 0.45rem 0.65rem;
}
.live .field input, .live .field textarea { font-family: ui-monospace, Menlo, Consolas, monospace; }
.live [aria-invalid="true"] { border-color: var(--orange); }
.live .fault { color: var(--orange); white-space: pre-wrap; overflow-wrap: anywhere; }
.live .fault:empty { display: none; }
.live input[type="range"] { width: 100%; accent-color: var(--blue); margin: 0.35rem 0; }
.live input[type="checkbox"] { accent-color: var(--blue); margin: 0 0.45rem 0 0; }
.live .toggle { display: inline-flex; flex-direction: row; align-items: center; min-height: 2.3rem; margin: 0; color: var(--ink); cursor: pointer; }
.live .segments { display: flex; flex-wrap: wrap; gap: 0.3rem; }
.live .segments label { margin: 0; }
.live .segments input { position: absolute; opacity: 0; width: 1px; height: 1px; }
.live .segments span, .live button {
  display: inline-block; font: 14px/1.4 system-ui, sans-serif; color: var(--ink); background: var(--panel);
  border: 1px solid var(--line); border-radius: 8px; padding: 0.4rem 0.75rem; cursor: pointer;
}
.live .segments input:checked + span { border-color: var(--blue); color: var(--blue); box-shadow: inset 0 0 0 1px var(--blue); }
.live button:hover:not(:disabled), .live .segments span:hover { border-color: var(--muted); }
.live button.main { background: var(--blue); border-color: var(--blue); color: var(--paper); font-weight: 600; }
.live button:disabled { opacity: 0.45; cursor: default; }
.live :focus-visible, .live .segments input:focus-visible + span { outline: 2px solid var(--blue); outline-offset: 2px; }
.live .live-figure { margin: 1rem 0; padding: 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; min-width: 0; }
.live .live-figure > figcaption { color: var(--muted); font-size: 13.5px; line-height: 1.5; margin-top: 0.6rem; }
.live .live-figure svg, .live .live-figure canvas { display: block; max-width: 100%; }
.live .heading { font-weight: 600; font-size: 14px; color: var(--ink); margin: 0 0 0.5rem; }
.live svg text { font-family: system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.live .scroll { overflow-x: auto; }
.live .blue { color: var(--blue); } .live .orange { color: var(--orange); }
.live table { display: table; width: 100%; margin: 0; border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }
.live th, .live td { text-align: left; padding: 0.3rem 0.9rem 0.3rem 0; border: 0; border-bottom: 1px solid var(--line); background: none; color: inherit; }
.live thead th { font-weight: 500; font-size: 12.5px; color: var(--muted); }
.live tr { background: none; border: 0; }
.live .number { text-align: right; }
.live .lines .grid { stroke: var(--line); stroke-width: 1; } .live .lines .axis { stroke: var(--muted); }
.live svg .tick { font-size: 12px; fill: var(--muted); } .live svg .endname { font-size: 13px; font-weight: 600; }
.live .lines .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .live .lines .marker { stroke: var(--ink); stroke-dasharray: 2 3; }
.live svg .line.blue { stroke: var(--blue); } .live svg .line.orange { stroke: var(--orange); } .live svg .line.ink { stroke: var(--ink); } .live svg .line.muted { stroke: var(--muted); }
.live svg text.blue, .live svg .dots.blue { fill: var(--blue); } .live svg text.orange, .live svg .dots.orange { fill: var(--orange); }
.live svg text.ink, .live svg .dots.ink { fill: var(--ink); } .live svg text.muted, .live svg .dots.muted { fill: var(--muted); }
.live .status { color: var(--muted); font-size: 13.5px; min-height: 1.5em; }
`;

/** Puts the common look, and a page's own, into the document once. */
export function useStyle(name: string, more = ""): void {
  for (const [id, text] of [
    ["live-style", base],
    [`live-style-${name}`, more],
  ]) {
    if (document.getElementById(id)) continue;
    const style = document.createElement("style");
    style.id = id;
    style.textContent = text;
    document.head.append(style);
  }
}
