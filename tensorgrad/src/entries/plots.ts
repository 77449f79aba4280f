/** `tensorgrad/plots`: charts and pages as SVG and HTML strings. */
export * from "../plots/index.ts";
