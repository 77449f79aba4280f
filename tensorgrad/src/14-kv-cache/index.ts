/** Module 14: generation that computes no position twice. */
export { attentionWithCache } from "./attention-with-cache.ts";
export { type KeysAndValues, KVCache, type KVCacheOptions } from "./cache.ts";
export { CachesTogether } from "./together.ts";
