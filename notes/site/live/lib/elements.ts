/** What an element is given: attributes, and listeners as `onclick`. `false` and `null` leave an attribute out. */
export type Attributes = Readonly<Record<string, unknown>>;
export type Child = Node | string | number | null;

/** `element("button", { type: "button", onclick: stop }, "Stop")` */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

/** As `element`, for what is drawn: `drawing("circle", { cx: 4, cy: 4, r: 2, fill: "var(--series-1)" })` */
export function drawing<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled<E extends Element>(made: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value as EventListener);
    else if (value !== null && value !== undefined && value !== false)
      made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(
    ...children
      .filter((child) => child !== null)
      .map((child) => (child instanceof Node ? child : String(child))),
  );
  return made;
}

/** A field with its name above it, tied to it for screen readers. */
export const labelled = (name: string, field: HTMLElement): HTMLLabelElement =>
  element("label", { class: "control" }, name, field);

/** A picture with its text alternative: `figure("The loss falls from 0.7 to 0.01", svg)`; set `.ariaLabel` of what it returns anew. */
export function figure(alternative: string, picture: SVGElement | HTMLCanvasElement): HTMLElement {
  picture.setAttribute("aria-hidden", "true");
  return element("div", { role: "img", "aria-label": alternative, class: "picture" }, picture);
}
