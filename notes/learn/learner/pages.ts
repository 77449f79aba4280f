/** The part of a page under a heading, headings below it included; the whole page without one. */
export function sectionOf(page: string, heading: string | undefined): string {
  const lines = page.split("\n");
  const from = lines.findIndex((line) => /^#+ /.test(line) && slug(line) === heading);
  if (from < 0) return page;
  const depth = /^#+/.exec(lines[from])![0].length;
  const length = lines.slice(from + 1).findIndex((line) => new RegExp(`^#{1,${depth}} `).test(line));
  const section = lines.slice(from, length < 0 ? undefined : from + 1 + length).join("\n");
  return section.replace(/<!-- .*? -->/g, "").trim();
}

/** As GitHub writes the address of a heading. */
export const slug = (line: string): string =>
  line
    .replace(/^#+ /, "")
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");

/** Lines of two texts: ` ` in both, `-` in the first, `+` in the second, by their longest common subsequence. */
export function lineDiff(a: string, b: string): string[] {
  const [x, y] = [a.split("\n"), b.split("\n")];
  const common = x.map(() => new Array<number>(y.length + 1).fill(0));
  common.push(new Array<number>(y.length + 1).fill(0));
  for (let i = x.length - 1; i >= 0; i--)
    for (let j = y.length - 1; j >= 0; j--)
      common[i][j] = x[i] === y[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && x[i] === y[j]) lines.push(` ${x[i++]}`) && j++;
    else if (j >= y.length || (i < x.length && common[i + 1][j] >= common[i][j + 1]))
      lines.push(`-${x[i++]}`);
    else lines.push(`+${y[j++]}`);
  }
  return lines;
}
