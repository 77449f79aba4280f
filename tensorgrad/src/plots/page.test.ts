import { describe, expect, it } from "vitest";
import { lineChart } from "./index.ts";
import { type Page, renderPage } from "./page.ts";

const chart = lineChart(
  [
    {
      name: "loss",
      points: [
        [0, 1],
        [1, 0.5],
      ],
    },
  ],
  { title: "Loss", x: "step", y: "nats" },
);

const page: Page = {
  title: "Title & <title>",
  lead: 'A "quoted" <script>alert(1)</script> lead',
  summary: [
    { job: "one <b>", result: "4 of 4", target: "4 of 4", seconds: 0.42, passed: true },
    { job: "two", result: "0.95", target: "≥ 0.97", seconds: 12, passed: false },
  ],
  sections: [
    { title: "Drawing", figures: [{ svg: chart, caption: "falls & falls" }] },
    {
      title: "Numbers",
      table: {
        head: ["name", "value"],
        rows: [
          ["a", 2.1e-6],
          ["b", 10000],
          ["c", 0.98123],
          ["d", Number.NaN],
        ],
      },
    },
  ],
};

describe("renderPage", () => {
  it("escapes everything but the drawings", () => {
    const text = renderPage(page);
    expect(text).toContain("<title>Title &amp; &lt;title&gt;</title>");
    expect(text).toContain("A &quot;quoted&quot; &lt;script&gt;alert(1)&lt;/script&gt; lead");
    expect(text).toContain("one &lt;b&gt;");
    expect(text).toContain("falls &amp; falls");
    expect(text).toContain(chart);
  });

  it("asks nothing of the network and runs no script", () => {
    const text = renderPage(page).replaceAll('xmlns="http://www.w3.org/2000/svg"', "");
    expect(text).not.toMatch(/https?:|\/\/[a-z]|<script|<iframe|@import|url\(|src=/i);
    expect(text.match(/href="[^"]*"/g)).toEqual(['href="data:,"']);
  });

  it("says whether each target was met in words, not by colour alone", () => {
    expect(renderPage(page)).toMatch(/4 of 4.*0\.4 s.*✓ met/s);
    expect(renderPage(page)).toMatch(/0\.95.*12\.0 s.*✗ missed/s);
  });

  it("writes numbers so that they can be compared", () => {
    const cells = [...renderPage(page).matchAll(/<td class="number">([^<]*)<\/td>/g)].map(
      (match) => match[1],
    );
    expect(cells).toEqual(["0.4 s", "12.0 s", "2.1e-6", "10,000", "0.9812", "NaN"]);
  });
});
