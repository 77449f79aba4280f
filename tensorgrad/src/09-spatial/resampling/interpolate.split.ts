import { splitImages } from "../images.split.ts";

export const interpolate = splitImages("images", "outputs");
export const interpolateGrad = splitImages("outputs", "images");
