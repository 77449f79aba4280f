import { readFileSync } from "node:fs";
import { join } from "node:path";
import { katex } from "@mdit/plugin-katex";
import { defineConfig, type UserConfig } from "vitepress";
import { isPage, out, parts, placeOf, root, site } from "./files.ts";
import { glossaryLinks, termsOf } from "./markdown/glossary.ts";
import { withoutMarks } from "./markdown/marks.ts";
import { ownLinks } from "./markdown/own-links.ts";

const { notes, more, live, packages, decisions } = parts();
const reference = { text: "API reference", link: "/api/index.html", target: "_self" };

/** `SITE_BASE=/course/ npm run site` builds for `https://example.org/course/`. */
export const config: UserConfig = defineConfig({
  title: "From one scalar to a GPT",
  description: "Autodiff from a scalar engine to a trained GPT, with every gradient checked",
  lang: "en",
  base: process.env.SITE_BASE ?? "/",
  srcDir: root,
  outDir: out,
  router: { prefetchLinks: false }, // a page costs what it shows
  cacheDir: join(root, "out/site-cache"),
  srcExclude: ["**/CHANGELOG.md", "**/CONTRIBUTING.md", "{bench,examples,out,scripts,workspace}/**"],
  rewrites: placeOf,
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (md) => {
      md.use(withoutMarks);
      md.use(ownLinks, { root, isPage, placeOf, repository: process.env.SITE_REPOSITORY ?? null });
      glossaryLinks(md, termsOf(readFileSync(join(root, "notes/glossary.md"), "utf8")));
      katex(md as unknown as Parameters<typeof katex>[0], { throwOnError: true }); // types of another markdown-it
    },
  },
  themeConfig: {
    nav: [
      { text: "Notes", link: notes[0].link, activeMatch: "^/notes/\\d" },
      { text: "Live", link: live[0].link, activeMatch: "^/live/" },
      { text: "Glossary", link: "/notes/glossary" },
      reference,
    ],
    sidebar: [
      { text: "Start", items: [{ text: "Overview", link: "/overview" }] },
      { text: "Notes", items: notes },
      { text: "Live pages", items: live },
      { text: "More notes", items: [...more, { text: "Glossary", link: "/notes/glossary" }] },
      { text: "Packages", items: [...packages, reference] },
      {
        text: "Decisions",
        collapsed: true,
        items: [{ text: "All", link: "/notes/decisions/" }, ...decisions],
      },
    ],
    outline: [2, 3],
    search: { provider: "local" },
  },
  vite: {
    root: site,
    logLevel: "warn",
    build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 },
  },
});
