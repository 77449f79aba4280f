import { median } from "tensorgrad/runtime";

/** The median; null where nothing was measured. */
export const medianOf = (values: readonly number[]): number | null => (values.length ? median(values) : null);

/** Rounded to three significant digits: what repeated runs on a quiet machine agree on. */
export const significant = (value: number): number => Number(value.toPrecision(3));
