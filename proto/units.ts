/** Durations are milliseconds and sizes are bytes everywhere; these constructors keep the factor out of the code. */
export function seconds(count: number): number {
  return count * 1_000;
}

export function minutes(count: number): number {
  return count * 60_000;
}

export function hours(count: number): number {
  return count * 3_600_000;
}

export function days(count: number): number {
  return hours(24 * count);
}

export function kibibytes(count: number): number {
  return count * 1024;
}

export function mebibytes(count: number): number {
  return count * 1024 * 1024;
}
