import { existsSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type { MarkdownEnv, MarkdownRenderer } from "vitepress";

export interface Places {
  readonly root: string;
  readonly isPage: (file: string) => boolean;
  readonly placeOf: (file: string) => string;
  /** Where sources can be read, `https://github.com/<owner>/<name>/blob/main/`; without it links to them are text. */
  readonly repository: string | null;
}

/**
 * Links of the sources, `[walk](../tensorgrad/src/05-autograd/walk.ts)`, led to where their target stands in the site. A target that is
 * no page leads to the repository, if there is an address of it. A target that does not exist is an error.
 */
export function ownLinks(md: MarkdownRenderer, places: Places): void {
  md.core.ruler.push("own-links", ({ tokens, env }) => {
    for (const { children } of tokens) {
      for (const [i, token] of (children ?? []).entries()) {
        if (
          token.type === "image" &&
          isElsewhere(token.attrGet("src") ?? "", env as MarkdownEnv, places.root)
        )
          Object.assign(token, { type: "text" }); // a badge: its words stay, and nothing is fetched
        const href = token.type === "link_open" ? token.attrGet("href") : null;
        if (href === null || /^([a-z]+:|\/|#)/.test(href)) continue;
        const target = targetOf(href, env as MarkdownEnv, places);
        if (target !== null) token.attrSet("href", target);
        else {
          const end = children
            ?.slice(i)
            .find(({ type, level }) => type === "link_close" && level === token.level);
          for (const part of [token, end])
            if (part) Object.assign(part, { type: "html_inline", tag: "", content: "", attrs: null });
        }
      }
    }
  });
}

/** Whether a path leads out of the repository, as those of the host's own pages do. */
const isOutside = (path: string, env: MarkdownEnv, root: string): boolean =>
  path.startsWith("..") && relative(root, resolve(dirname(env.realPath ?? env.path), path)).startsWith("..");

const isElsewhere = (src: string, env: MarkdownEnv, root: string): boolean =>
  /^https?:/.test(src) || isOutside(src, env, root);

function targetOf(
  href: string,
  env: MarkdownEnv,
  { root, isPage, placeOf, repository }: Places,
): string | null {
  const [path, hash = ""] = href.split(/(?=#)/);
  const source = env.realPath ?? env.path;
  const absolute = resolve(dirname(source), decodeURI(path));
  const file = relative(root, absolute).replaceAll("\\", "/");
  const readme = existsSync(absolute) && statSync(absolute).isDirectory() ? `${file}/README.md` : file;
  if (isPage(readme)) return `/${placeOf(readme)}${hash}`;
  if (isOutside(href, env, root)) return null;
  if (!existsSync(absolute))
    throw new Error(`${relative(root, source)}: link to ${href}, which does not exist`);
  return repository === null ? null : `${repository}${file}${hash}`;
}
