import { splitImages } from "../images.split.ts";

export const averagePool = splitImages("images", "outputs");
export const averagePoolGrad = splitImages("outputs", "images");
