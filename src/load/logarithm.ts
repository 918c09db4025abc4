/** The fraction parts add up to ln 2; the high one has its last 20 bits free, so a product with an exponent is exact. */
const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;

/**
 * Natural logarithm from + - * / alone, so that every engine gives the same digits (Math.log need not). Within 1 ulp for x > 0.
 * ln x = e ln 2 + ln m with sqrt(1/2) <= m < sqrt(2); with f = m - 1 and s = f / (2 + f), ln m = 2 s + 2/3 s^3 + 2/5 s^5 + ... = f - s (f - R).
 */
export function naturalLog(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x === Infinity ? Infinity : Number.NaN;
  let m = x;
  let e = 0;
  for (; m < Math.SQRT1_2; e--) m *= 2;
  for (; m >= Math.SQRT2; e++) m /= 2;
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  let r = 2 / 23;
  for (let k = 21; k >= 3; k -= 2) r = r * z + 2 / k;
  r *= z;
  return e * LN2_HIGH - (s * (f - r) - e * LN2_LOW - f);
}
