import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Whether an `authorization` header carries one of the keys.
 *
 * Digests are compared, all of them and in constant time: how long it takes tells neither a key's length nor how much of it
 * was right.
 *
 * Throws    RangeError for a key that is empty, or has spaces
 */
export function keyCheck(keys: readonly string[]): (authorization: string | undefined) => boolean {
  for (const [i, key] of keys.entries()) {
    if (/^\S+$/.test(key)) continue;
    throw new RangeError(
      `serve: key ${i} is empty, or has spaces — a key is one word, better a long random one`,
    );
  }
  const digests = keys.map(digest);
  return (authorization = "") => {
    const given = digest(/^Bearer (\S+)$/i.exec(authorization)?.[1] ?? "");
    return digests.reduce((found, key) => timingSafeEqual(given, key) || found, false);
  };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
