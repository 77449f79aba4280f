/** Module 09: layers that know that an image has height and width. */
export { outputSizes, pair, sidesOf } from "./geometry.ts";
export * from "./public.ts";
