import { BITS, type Bits, type Setting } from "./work.ts";

/** Settings in words, and in an address. */

const MOST = 40;

export const nameOf = ({ bits, sparsity }: Setting): string =>
  `${bits} bits${sparsity > 0 ? `, ${sparsity} % zeros` : ""}`;

/** `32-0,8-50`. What is none is left out. */
export function readSettings(text: string): Setting[] {
  const list = [...new Set(text.split(","))].flatMap((one): Setting[] => {
    const [, bits, share] = /^(\d+)-(\d{1,2})$/.exec(one) ?? [];
    return bits !== undefined && bits in BITS && Number(share) <= 98
      ? [{ bits: bits as Bits, sparsity: Number(share) }]
      : [];
  });
  return list.slice(0, MOST);
}

/** The newest last, as they are to be measured again. */
export const writeSettings = (points: readonly Setting[]): string =>
  [...points]
    .reverse()
    .map(({ bits, sparsity }) => `${bits}-${sparsity}`)
    .slice(-MOST)
    .join(",");
