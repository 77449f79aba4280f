/**
 * Draws again whenever the room changes. `draw` gets the width in pixels, so that letters keep their size on a telephone.
 * `again` draws anew when the numbers have changed, `end` stops watching.
 */
export function drawn(
  place: HTMLElement,
  draw: (width: number) => Node,
): { readonly again: () => void; readonly end: () => void } {
  let width = 0;
  const again = (): void => {
    width = Math.floor(place.clientWidth);
    if (width > 0) place.replaceChildren(draw(width));
  };
  const watch = new ResizeObserver(() => {
    if (Math.floor(place.clientWidth) !== width) again();
  });
  watch.observe(place);
  return { again, end: () => watch.disconnect() };
}
