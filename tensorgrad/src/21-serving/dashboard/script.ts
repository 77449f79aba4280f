/**
 * What the page runs, as text: it is served as it stands, so it needs no build step. Everything from the server becomes text
 * nodes and attributes, never markup. State comes whole every second; only the load is given second by second and kept here.
 */
export const script = `"use strict";
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const KEPT = 300;
  const byId = (id) => document.getElementById(id);
  let state = null, load = [], paused = false, feature = null, run = null, curves = null;

  /** An element with attributes, handlers and children; texts are escaped by being texts. */
  function h(name, attributes, ...children) {
    const element = svgNames.has(name) ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "onclick") element.addEventListener("click", value);
      else if (value !== null && value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null));
    return element;
  }
  const svgNames = new Set(["svg", "path", "text", "line", "rect", "circle", "title"]);

  const short = (value) => value === null || value === undefined || Number.isNaN(value) ? "–"
    : value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1)
    : String(Number(value.toPrecision(3)));
  const percent = (value) => value === null || value === undefined ? "–" : (100 * value).toFixed(1) + " %";
  const time = (iso) => iso ? iso.slice(0, 19).replace("T", " ") : "–";

  function table(head, rows, empty) {
    if (rows.length === 0) return h("p", { class: "quiet" }, empty);
    return h("div", { class: "scroll" }, h("table", {},
      h("thead", {}, h("tr", {}, head.map((cell) => h("th", {}, cell)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell)))))));
  }

  const tile = (value, label, bad) => h("div", { class: "tile" }, h("b", { class: bad ? "bad" : "" }, value), h("span", {}, label));

  /** Lines over x, the y axis from 0; each series is { name, color, points: [x, y | null][] }. */
  function lines(title, series, unit) {
    const W = 460, H = 180, left = 52, bottom = 24, top = 26;
    const points = series.flatMap((one) => one.points).filter((point) => Number.isFinite(point[1]));
    if (points.length === 0) return h("p", { class: "quiet" }, title + ": nothing yet");
    const xs = points.map((point) => point[0]), ys = points.map((point) => point[1]);
    const x0 = Math.min(...xs), x1 = Math.max(...xs), y0 = Math.min(0, ...ys), y1 = Math.max(...ys, y0 + 1e-9);
    const X = (x) => left + (W - left - 8) * (x - x0) / (x1 - x0 || 1);
    const Y = (y) => H - bottom - (H - bottom - top) * (y - y0) / (y1 - y0);
    const path = (one) => {
      let d = "", pen = "M";
      for (const [x, y] of one.points) {
        if (!Number.isFinite(y)) { pen = "M"; continue; }
        d += pen + X(x).toFixed(1) + " " + Y(y).toFixed(1);
        pen = "L";
      }
      return h("path", { d, fill: "none", stroke: "var(--" + one.color + ")", "stroke-width": 2, "stroke-linejoin": "round", "stroke-linecap": "round" });
    };
    const ticks = [y0, (y0 + y1) / 2, y1];
    return h("svg", { class: "chart", viewBox: "0 0 " + W + " " + H, role: "img", "aria-label": title },
      ticks.map((y) => h("line", { x1: left, x2: W - 8, y1: Y(y), y2: Y(y), stroke: "var(--line)" })),
      ticks.map((y) => h("text", { x: left - 6, y: Y(y) + 4, "text-anchor": "end" }, short(y))),
      series.map(path),
      h("text", { x: 4, y: 14 }, title + (unit ? " (" + unit + ")" : "")),
      series.length < 2 ? [] : series.map((one, i) =>
        h("text", { x: W - 8, y: 14 + 14 * i, "text-anchor": "end", style: "fill: var(--" + one.color + "); font-weight: 600" }, one.name)));
  }

  /** Two shares side by side for every label. */
  function bars(title, labels, a, b) {
    const W = 460, row = 22, top = 24, H = top + row * labels.length, left = 110;
    const most = Math.max(...a, ...b, 1e-9), width = (share) => (W - left - 60) * share / most;
    return h("svg", { class: "chart", viewBox: "0 0 " + W + " " + H, role: "img", "aria-label": title },
      h("text", { x: 4, y: 14 }, title),
      labels.map((label, i) => [
        h("text", { x: left - 6, y: top + row * i + 14, "text-anchor": "end" }, label.length > 16 ? label.slice(0, 15) + "…" : label),
        h("rect", { x: left, y: top + row * i + 2, width: width(a[i]), height: 8, fill: "var(--muted)" }),
        h("rect", { x: left, y: top + row * i + 11, width: width(b[i]), height: 8, fill: "var(--blue)" }),
        h("text", { x: left + width(Math.max(a[i], b[i])) + 6, y: top + row * i + 14 }, percent(b[i])),
      ]));
  }

  /** A difference with its limits, and zero. */
  function interval(difference) {
    const W = 460, H = 46, { estimate, low, high } = difference;
    const most = Math.max(Math.abs(low), Math.abs(high), 1e-9), X = (x) => W / 2 + (W / 2 - 12) * x / most;
    const color = low > 0 ? "var(--blue)" : high < 0 ? "var(--orange)" : "var(--muted)";
    return h("svg", { class: "chart", viewBox: "0 0 " + W + " " + H, role: "img", "aria-label": "candidate minus control" },
      h("line", { x1: W / 2, x2: W / 2, y1: 2, y2: 30, stroke: "var(--line)", "stroke-width": 2 }),
      h("line", { x1: X(low), x2: X(high), y1: 16, y2: 16, stroke: color, "stroke-width": 3 }),
      h("circle", { cx: X(estimate), cy: 16, r: 5, fill: color }),
      h("text", { x: W / 2, y: 42, "text-anchor": "middle" }, percent(low) + "  to  " + percent(high)));
  }

  const draw = {
    load() {
      const last = load.slice(-10), sum = (key) => last.reduce((total, one) => total + one[key], 0);
      const requests = sum("requests"), newest = load[load.length - 1] || {};
      const points = (key) => load.map((one) => [one.time, one[key]]);
      const alerts = state.monitors.flatMap((monitor) => monitor.alerts);
      return [
        h("div", { class: "tiles" },
          tile(short(last.length ? requests / last.length : 0), "requests a second"),
          tile(newest.p50 === null ? "–" : short(newest.p50) + " ms", "p50"),
          tile(newest.p99 === null ? "–" : short(newest.p99) + " ms", "p99"),
          tile(requests ? percent(sum("errors") / requests) : "–", "errors", sum("errors") > 0),
          tile(short(newest.waiting), "rows wait")),
        alerts.map((alert) => h("p", { class: "alert" }, h("b", {}, alert.model + ", " + alert.kind + ": "), alert.message)),
        h("div", { class: "figures" },
          h("figure", {}, lines("requests", [
            { name: "answered", color: "blue", points: points("requests") },
            { name: "refused", color: "orange", points: points("refused") }], "a second")),
          h("figure", {}, lines("latency", [
            { name: "p50", color: "blue", points: points("p50") },
            { name: "p99", color: "orange", points: points("p99") }], "ms"))),
        h("h2", {}, "Versions"),
        table(["model", "current", "beside it"], state.versions.map((one) => [one.model, one.current, one.others || "–"]), "No model is served."),
      ];
    },
    drift() {
      if (state.monitors.length === 0) return [h("p", { class: "quiet" }, "No monitor watches: pass { monitors } to the dashboard.")];
      return state.monitors.flatMap((monitor) => {
        const title = h("h2", {}, monitor.model);
        if (!monitor.drift) {
          const needs = monitor.referenceNeeds;
          return [title, h("p", { class: "quiet" }, needs ? needs + " more observations make the reference." : "The first window is not full yet.")];
        }
        const { features, limit } = monitor.drift;
        const rows = features.map((one) => {
          const key = monitor.model + " " + one.feature;
          const choose = () => { feature = feature === key ? null : key; show(); };
          return [h("button", { onclick: choose, "aria-expanded": String(feature === key), "data-feature": one.feature }, one.feature),
            short(one.size), short(Math.min(...one.tests.map((test) => test.p))), h("span", { class: one.drifted ? "bad" : "" }, one.drifted ? "drifted" : "as before")];
        });
        const chosen = features.find((one) => monitor.model + " " + one.feature === feature);
        return [title,
          h("p", {}, monitor.driftedWindows + " of " + monitor.driftWindows + " windows drifted. A test has to fall below p = " + short(limit) + "."),
          table(["feature", "PSI", "least p", "last window"], rows, "no features"),
          chosen ? h("figure", { id: "shares" }, bars(chosen.feature + ": reference (grey), last window (blue)", chosen.labels, chosen.reference, chosen.window)) : null];
      });
    },
    tests() {
      const tests = state.tests.flatMap((test) => [
        h("h2", {}, test.name),
        h("p", {}, test.decision ? h("b", { class: test.decision.verdict === "worse" ? "bad" : "" }, "Candidate: " + test.decision.verdict + ". " + test.decision.reason + ".")
          : "Undecided; " + percent(test.share) + " of units try the candidate."),
        table(["arm", "outcomes", "mean"], ["control", "candidate"].map((arm) => [arm, String(test[arm].exposures), percent(test[arm].mean)]), ""),
        test.difference ? h("figure", {}, interval(test.difference), h("figcaption", {}, "candidate minus control; p = " + short(test.p) + ", at any time")) : null,
        table(["evidence", "now", "decides at"], Object.entries(test.evidence).map(([name, one]) => [name, short(one.value), short(one.needed)]), ""),
      ]);
      const shadows = state.shadows.map((one) => [one.model + " " + one.version, String(one.agreed), String(one.differed), String(one.failed), String(one.dropped), short(one.latency.p99) + " ms"]);
      return [...(tests.length ? tests : [h("p", { class: "quiet" }, "No test runs: pass { tests } to the dashboard.")]),
        h("h2", {}, "Shadow traffic"), table(["version", "agreed", "differed", "failed", "left out", "p99"], shadows, "No version answers in the shadow.")];
    },
    runs() {
      const best = (one) => (one.best || []).map((value) => value.name + " " + short(value.value)).join(", ");
      const rows = state.runs.map((one) => [h("button", { "data-run": one.id, onclick: () => choose(one.id) }, one.id),
        one.error ? "unreadable: " + one.error : one.status + (one.reason ? ": " + one.reason : ""), one.error ? "" : String(one.epochs), one.error ? "" : time(one.started), best(one)]);
      return [table(["run", "status", "epochs", "started (UTC)", "best"], rows, "No runs: a training with an Experiment among its callbacks makes them."),
        curves && curves.id === run ? h("figure", { id: "curves" }, lines("loss of " + curves.id, [{ name: "loss", color: "blue", points: curves.steps }], "by step"),
          Object.entries(curves.epochs).map(([name, points]) => lines(name, [{ name, color: "orange", points }], "by epoch"))) : null,
        h("h2", {}, "Registry"),
        table(["model", "current", "since (UTC)"], state.registered.map((one) => [one.model, one.version, time(one.since)]), "No models are registered.")];
    },
  };

  async function choose(id) {
    run = id;
    curves = null;
    try {
      const answer = await fetch("dashboard/runs/" + encodeURIComponent(id));
      if (answer.ok) curves = await answer.json();
    } catch { /* the status line says that the server is gone */ }
    show();
  }

  /** Draws the open panel anew; the focus stays where it was. */
  function show() {
    if (!state) return;
    const open = document.querySelector("[role=tab][aria-selected=true]").getAttribute("aria-controls");
    const focused = document.activeElement;
    const mark = focused && focused.dataset ? ["feature", "run"].find((key) => key in focused.dataset) : undefined;
    const value = mark && focused.dataset[mark];
    byId(open).replaceChildren(...draw[open]().flat().filter((one) => one !== null));
    if (mark) for (const button of byId(open).querySelectorAll("button")) if (button.dataset[mark] === value) button.focus();
  }

  const say = (text) => { byId("status").textContent = text; };
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.addEventListener("click", () => {
      for (const other of document.querySelectorAll("[role=tab]")) {
        other.setAttribute("aria-selected", String(other === tab));
        byId(other.getAttribute("aria-controls")).hidden = other !== tab;
      }
      show();
    });
  }
  byId("pause").addEventListener("click", () => {
    paused = !paused;
    byId("pause").setAttribute("aria-pressed", String(paused));
    byId("pause").textContent = paused ? "Go on" : "Pause";
    if (paused) say("paused");
    else show();
  });

  const events = new EventSource("dashboard/events");
  events.onmessage = (event) => {
    const next = JSON.parse(event.data);
    const times = new Set(load.map((one) => one.time));
    load = [...load, ...next.load.filter((one) => !times.has(one.time))].slice(-KEPT);
    state = next;
    if (paused) return;
    say("live, " + new Date().toLocaleTimeString());
    show();
  };
  events.onerror = () => say("the server does not answer; trying again …");
})();
`;
