/** Module 11: vectors for tokens, and for their positions. */
export { asHeads, newAsHeads } from "./heads.ts";
export * from "./public.ts";
