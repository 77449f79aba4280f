/** What a page can import: the rest needs Node, as its name or its work says. */
const IN_PAGES = /^(micrograd|tensorgrad(\/(?!.*node$|serving|distributed|agreement)[a-z/]+)?)$/;

/** Whether a snippet stands by itself, and imports only what a page can. */
export function runsInPages(code: string): boolean {
  const imported = [...code.matchAll(/^import .*?"([^"]+)";?/gm)].map(([, name]) => name);
  return imported.length > 0 && code.includes("console.log") && imported.every((name) => IN_PAGES.test(name));
}
