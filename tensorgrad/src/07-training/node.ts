/** The part of module 07 that needs Node. */
export { type Display, type DisplayOptions, progressDisplay } from "./progress-display.ts";
