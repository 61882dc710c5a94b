/** What a device's detectors found of a stream. What is absent was not counted even once. */
export interface DetectedCounts {
  /** Of the values: outside the range that is declared, or else further out than the reference makes plausible. */
  readonly farOutside?: number;
  /** Of the values: in a run of equal ones that is longer than declared, or else than the reference makes plausible. */
  readonly stuck?: number;
  /** Of the missing: there, but NaN or infinite. */
  readonly notFinite?: number;
}

export const nothingDetected: Required<DetectedCounts> = { farOutside: 0, stuck: 0, notFinite: 0 };

/** Without the zeros. */
export function onlyDetected({ farOutside, stuck, notFinite }: Required<DetectedCounts>): DetectedCounts {
  return {
    ...(farOutside > 0 && { farOutside }),
    ...(stuck > 0 && { stuck }),
    ...(notFinite > 0 && { notFinite }),
  };
}

/** Example: 2 far outside, and 1 far outside with 40 stuck, make 3 far outside and 40 stuck. */
export function sumOfDetected(a: DetectedCounts, b: DetectedCounts): DetectedCounts {
  return onlyDetected({
    farOutside: (a.farOutside ?? 0) + (b.farOutside ?? 0),
    stuck: (a.stuck ?? 0) + (b.stuck ?? 0),
    notFinite: (a.notFinite ?? 0) + (b.notFinite ?? 0),
  });
}
