/** Module 05: the walk back through the graph. */
export { gradientsInside } from "./inside.ts";
export * from "./public.ts";
export { isReleased } from "./released.ts";
