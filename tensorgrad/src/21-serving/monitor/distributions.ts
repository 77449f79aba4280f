// Two tails of distributions, in double precision: how likely a test's statistic is to be as large by chance alone.

/**
 * The tail of Kolmogorov's distribution, Q(λ) = 2 Σ_{k≥1} (−1)^{k−1} exp(−2k²λ²): the chance that √n·D exceeds λ where
 * nothing differs. For small λ, where that series converges slowly, 1 − √(2π)/λ · Σ exp(−(2k−1)²π²/8λ²).
 *
 * Source    Kolmogorov 1933; Smirnov 1948, Table for estimating the goodness of fit
 */
export function kolmogorovTail(lambda: number): number {
  if (Number.isNaN(lambda)) return Number.NaN;
  if (lambda <= 0) return 1;
  if (lambda < 1.18) {
    const y = Math.exp(-(Math.PI ** 2) / (8 * lambda ** 2));
    return 1 - (Math.sqrt(2 * Math.PI) / lambda) * (y + y ** 9 + y ** 25 + y ** 49);
  }
  const x = Math.exp(-2 * lambda ** 2);
  return 2 * (x - x ** 4 + x ** 9 - x ** 16);
}

/**
 * The tail of χ² with `df` degrees of freedom, Q(df/2, x/2), the upper incomplete gamma function over Γ: by its series for
 * x below the mean, by a continued fraction above.
 *
 * Source    Abramowitz & Stegun 6.5.29 and 6.5.31; Lentz 1976 for the fraction
 */
export function chiSquareTail(x: number, df: number): number {
  if (!Number.isInteger(df) || df < 1)
    throw new RangeError(`chiSquareTail(${x}, ${df}): degrees of freedom are an integer ≥ 1`);
  if (Number.isNaN(x)) return Number.NaN;
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const [a, z] = [df / 2, x / 2];
  const front = Math.exp(a * Math.log(z) - z - logGammaOfHalf(df));
  return z < a + 1 ? Math.max(0, 1 - front * lowerSeries(a, z)) : front * upperFraction(a, z);
}

/** Σ zⁿ / (a(a+1)…(a+n)). */
function lowerSeries(a: number, z: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= z / (a + n);
    sum += term;
  }
  return sum;
}

/** 1/(z+1−a− 1(1−a)/(z+3−a− 2(2−a)/(z+5−a− …))). */
function upperFraction(a: number, z: number): number {
  const tiny = 1e-300;
  let b = z + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b || tiny);
    c = b + numerator / c || tiny;
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return value;
}

/** ln Γ(n/2), from Γ(1) = 1 or Γ(½) = √π upward. */
function logGammaOfHalf(n: number): number {
  let sum = n % 2 ? Math.log(Math.PI) / 2 : 0;
  for (let a = n % 2 ? 0.5 : 1; a < n / 2; a++) sum += Math.log(a);
  return sum;
}
