// The error function in double precision: four rational approximations, one per range of |x|.
// Method and coefficients: s_erf.c of FreeBSD's math library (Sun Microsystems 1993), error below 1 ULP.

/** erf(x) = 2/√π ∫₀ˣ exp(−t²) dt, to about 1e-16. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 0.84375) return x + x * nearZero(x * x);
  if (size >= 6) return Math.sign(x);
  if (size < 1.25) return Math.sign(x) * (ERF_AT_ONE + aroundOne(size - 1));
  return Number.isNaN(x) ? x : Math.sign(x) * (1 - tail(size));
}

/** erfc(x) = 1 − erf(x), without the cancellation that the difference would suffer for large x. */
export function erfc(x: number): number {
  const size = Math.abs(x);
  if (size < 0.84375) return x < 0.25 ? 1 - (x + x * nearZero(x * x)) : 0.5 - (x - 0.5 + x * nearZero(x * x));
  if (size < 1.25) {
    return x > 0 ? 1 - ERF_AT_ONE - aroundOne(size - 1) : 1 + (ERF_AT_ONE + aroundOne(size - 1));
  }
  if (size >= 28) return x > 0 ? 0 : 2;
  if (Number.isNaN(x)) return x;
  return x > 0 ? tail(size) : 2 - tail(size);
}

const ERF_AT_ONE = 0.8450629115104675;

/** Σ coefficients[i] · xⁱ by Horner's rule. */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i];
  return sum;
}

/** erf(x)/x − 1 as a function of z = x², for |x| < 0.84375. */
function nearZero(z: number): number {
  return polynomial(z, NEAR_ZERO_P) / polynomial(z, NEAR_ZERO_Q);
}

/** erf(1 + s) − erf(1) for −0.15625 ≤ s < 0.25, with ERF_AT_ONE standing for erf(1). */
function aroundOne(s: number): number {
  return polynomial(s, AROUND_ONE_P) / polynomial(s, AROUND_ONE_Q);
}

/** erfc(x) = exp(−x²)/x · exp(R(1/x²)) for 1.25 ≤ x < 28. */
function tail(x: number): number {
  const s = 1 / (x * x);
  const ratio =
    x < 1 / 0.35
      ? polynomial(s, MIDDLE_P) / polynomial(s, MIDDLE_Q)
      : polynomial(s, FAR_P) / polynomial(s, FAR_Q);
  // x rounded to single precision has an exact square, so exp(−x²) keeps all its digits.
  const head = Math.fround(x);
  return (Math.exp(-head * head - 0.5625) * Math.exp((head - x) * (head + x) + ratio)) / x;
}

const NEAR_ZERO_P = [
  1.2837916709551256e-1, -3.250421072470015e-1, -2.848174957559851e-2, -5.770270296489442e-3,
  -2.3763016656650163e-5,
];
const NEAR_ZERO_Q = [
  1, 3.9791722395915535e-1, 6.50222499887673e-2, 5.081306281875766e-3, 1.3249473800432164e-4,
  -3.960228278775368e-6,
];
const AROUND_ONE_P = [
  -2.3621185607526594e-3, 4.1485611868374833e-1, -3.722078760357013e-1, 3.1834661990116175e-1,
  -1.1089469428239668e-1, 3.5478304325618236e-2, -2.166375594868791e-3,
];
const AROUND_ONE_Q = [
  1, 1.0642088040084423e-1, 5.40397917702171e-1, 7.182865441419627e-2, 1.2617121980876164e-1,
  1.363708391202905e-2, 1.1984499846799107e-2,
];
const MIDDLE_P = [
  -9.864944034847148e-3, -6.938585727071818e-1, -1.0558626225323291e1, -6.2375332450326006e1,
  -1.6239666946257347e2, -1.8460509290671104e2, -8.12874355063066e1, -9.814329344169145,
];
const MIDDLE_Q = [
  1, 1.9651271667439257e1, 1.3765775414351904e2, 4.3456587747522923e2, 6.453872717332679e2,
  4.2900814002756783e2, 1.0863500554177944e2, 6.570249770319282, -6.04244152148581e-2,
];
const FAR_P = [
  -9.8649429247001e-3, -7.99283237680523e-1, -1.7757954917754752e1, -1.6063638485582192e2,
  -6.375664433683896e2, -1.0250951316110772e3, -4.835191916086514e2,
];
const FAR_Q = [
  1, 3.033806074348246e1, 3.257925129965739e2, 1.536729586084437e3, 3.1998582195085955e3,
  2.5530504064331644e3, 4.7452854120695537e2, -2.244095244658582e1,
];

/** σ(x) = 1/(1 + e⁻ˣ), with the exponential of a negative number only: no overflow on either side. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
