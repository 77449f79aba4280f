import { divideMatrix, FLOAT, LIGHT, type Split, splitElements } from "../../../00-runtime/split.ts";

export const copy: Split = (x, y, rows, cols, xRow, xCol, yRow, yCol) =>
  divideMatrix(rows, cols, LIGHT, false, (r, c, height, width) => {
    const [from, to] = [x + FLOAT * (r * xRow + c * xCol), y + FLOAT * (r * yRow + c * yCol)];
    return [from, to, height, width, xRow, xCol, yRow, yCol];
  });

export const fill = splitElements(1, LIGHT);
export const addTo = splitElements(2, LIGHT);
