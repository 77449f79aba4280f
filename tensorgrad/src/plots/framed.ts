import * as frame from "./draw.ts";

/**
 * Options and marks of Observable Plot, as its own `plot` takes them. Its types need `@types/d3`, which no user of this package
 * should have to install: here they are objects.
 */
export interface DrawOptions {
  readonly marks?: readonly object[];
  readonly [option: string]: unknown;
}

/** Draws one SVG with the common frame, type and title. */
export const draw = (title: string, options: DrawOptions): string => frame.draw(title, options as object);

/** A mark: the name of the y axis, above it; Plot's own stands where the title is. */
export const verticalLabel = (text: string): object => frame.verticalLabel(text);
