import { html, raw, stylesheet } from "../../plots/index.ts";
import { script } from "./script.ts";

const TABS = [
  ["load", "Load"],
  ["drift", "Drift"],
  ["tests", "A/B tests"],
  ["runs", "Training runs"],
] as const;

/** The page, whole: it asks for nothing but events. */
export function page(): string {
  const buttons = TABS.map(
    ([id, title], i) =>
      html`<button role="tab" id="tab-${id}" aria-controls="${id}" aria-selected="${i === 0}">${title}</button>`,
  );
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dashboard</title>
<link rel="icon" href="data:,">
<style>
${raw(stylesheet())}
${raw(own)}
</style>
</head>
<body>
<main>
<header>
<h1>Dashboard</h1>
<p id="status" role="status">connecting …</p>
<button id="pause" aria-pressed="false">Pause</button>
</header>
<nav role="tablist" aria-label="What is shown">${buttons}</nav>
${TABS.map(([id], i) => html`<section role="tabpanel" id="${id}" aria-labelledby="tab-${id}"${raw(i ? " hidden" : "")}></section>`)}
<noscript><p>This page draws with a script of its own; scripts are switched off.</p></noscript>
</main>
<script>${raw(script)}</script>
</body>
</html>`.text
  }\n`;
}

const own = `
main { padding: 2rem 1.5rem 4rem; }
header { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: baseline; margin-bottom: 1rem; }
header h1, header p { margin: 0; }
header p { flex: 1; font-size: 1rem; }
section { padding-top: 1rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; padding-top: 0; border-top: 0; }
button { font: 0.95rem/1.4 system-ui, sans-serif; color: var(--ink); background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 0.35rem 0.8rem; cursor: pointer; }
button:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
nav { display: flex; flex-wrap: wrap; gap: 0.5rem; }
[role=tab][aria-selected=true] { border-color: var(--blue); color: var(--blue); font-weight: 600; }
td button { padding: 0.1rem 0.5rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 0.75rem; margin: 0.5rem 0 1rem; }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 0.6rem 0.9rem; font-family: system-ui, sans-serif; }
.tile b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.tile span { font-size: 0.8rem; color: var(--muted); }
.chart { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
.chart text { fill: var(--muted); }
.bad { color: var(--orange); font-weight: 600; }
.alert { border-left: 4px solid var(--orange); padding: 0.3rem 0.8rem; margin: 0.4rem 0; background: var(--panel); overflow-wrap: anywhere; }
`;
