import { count, html, raw } from "tensorgrad/plots";
import { pageStyle } from "./style.ts";

/** What the page is made of. */
export interface PageParts {
  readonly parameters: number;
  readonly valNats: string;
  readonly numLayers: number;
  readonly numHeads: number;
  /** JSON. */
  readonly model: string;
  readonly worker: string;
  readonly script: string;
}

/** Inside a script element nothing is escaped, and only `</` could end it. In JSON and in JavaScript's strings `<\/` means the same. */
const inScript = (text: string) => raw(text.replaceAll("</", "<\\/"));

const choices = (what: string, most: number) => [
  html`<option value="all">all ${what}s</option>`,
  ...Array.from({ length: most }, (_, i) => html`<option value="${i}">${what} ${i + 1}</option>`),
];

/** One file that opens from disk: the model is inside, nothing is loaded, nothing is sent. */
export function markupOf({ parameters, valNats, numLayers, numHeads, model, worker, script }: PageParts) {
  const nats = Number(valNats).toFixed(4);
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TinyGPT writes</title>
<link rel="icon" href="data:,">
<style>
${raw(pageStyle())}
</style>
</head>
<body>
<main>
<header>
<h1>TinyGPT writes</h1>
<p>A model of ${count(parameters)} parameters that has read a million characters of Shakespeare; ${nats} nats a character on text it
has not read. It runs in this page: nothing is loaded, nothing is sent.</p>
</header>
<form id="wish" data-state="opening">
<label for="prompt">Prompt</label>
<textarea id="prompt" rows="3" spellcheck="false" aria-describedby="fault">ROMEO:
</textarea>
<p id="fault" role="alert"></p>
<div class="settings">
<div><label for="temperature">Temperature <output id="shown" for="temperature">0.80</output></label>
<input id="temperature" type="range" min="0" max="2" step="0.05" value="0.8"></div>
<div><label for="topK">Top-k</label>
<input id="topK" type="number" min="1" max="1000" step="1" placeholder="all"></div>
<div><label for="length">Length</label>
<input id="length" type="number" min="1" max="5000" step="1" value="500" required></div>
<div><label for="seed">Seed</label>
<input id="seed" type="number" min="0" max="4294967295" step="1" value="1" required></div>
</div>
<div class="buttons">
<button id="generate" type="submit" disabled>Generate</button>
<button id="stop" type="button" disabled>Stop</button>
<span id="status" role="status">Opening the model …</span>
</div>
</form>
<section aria-label="Text">
<div id="text" tabindex="0" role="group" aria-label="What the model wrote; arrow keys choose a character"></div>
<div class="looking">
<label for="layer">Where the chosen character looks</label>
<select id="layer">${choices("layer", numLayers)}</select>
<select id="head" aria-label="Head">${choices("head", numHeads)}</select>
</div>
<p id="looked" class="quiet"></p>
</section>
</main>
<script id="model" type="application/json">${inScript(model)}</script>
<script id="worker" type="text/plain">${inScript(worker)}</script>
<script>${inScript(script)}</script>
</body>
</html>`.text
  }\n`;
}
