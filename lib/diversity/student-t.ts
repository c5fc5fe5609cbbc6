const SMALL = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];
const Z = 1.959964;

/**
 * The 97.5% point of Student's t: what a two-sided 95% interval multiplies a standard error with. Degrees of
 * freedom are rounded down, at least 1; up to ten from the table, beyond by the Cornish-Fisher expansion (four digits).
 */
export const t975 = (degreesOfFreedom: number): number => {
  const df = Math.max(1, Math.floor(degreesOfFreedom));
  return SMALL[df - 1] ?? Z + (Z ** 3 + Z) / (4 * df) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * df ** 2);
};
