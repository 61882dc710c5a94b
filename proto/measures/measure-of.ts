import type { ShapedRow } from "../tensor-row.ts";
import { imageStatistic } from "./image-statistics.ts";
import type { Measure, SpectrumSpec } from "./measure.ts";
import type { Part } from "./part.ts";
import { partOf } from "./part.ts";
import { signalStatistic } from "./signal-statistics.ts";
import type { PowerSpectrum } from "./spectrum.ts";
import { bandEnergy, powerSpectrum, spectralCentroid } from "./spectrum.ts";
import { rootMeanSquare, shareOf, valueStatistic } from "./value-statistics.ts";

/** Spectra of one row that are known already: several features look at the same one, and it is what costs most. */
export type KnownSpectra = Map<string, PowerSpectrum>;

/** The number that a measure reads from one row; NaN where the row cannot give it. */
export function measureOf(measure: Measure, row: ShapedRow, spectra: KnownSpectra): number {
  const part = partOf(row, measure);
  if (part === undefined) return Number.NaN;
  switch (measure.statistic) {
    case "mean":
    case "standard-deviation":
    case "minimum":
    case "maximum":
    case "range":
    case "peak":
    case "share-missing":
      return valueStatistic(measure.statistic, part);
    case "root-mean-square":
      return rootMeanSquare(part, measure.fullScale);
    case "share-inside":
    case "share-outside":
      return shareOf(measure.statistic, measure, part);
    case "gradient":
    case "laplacian-variance":
      return imageStatistic(measure.statistic, part);
    case "zero-crossing-rate":
    case "slope":
    case "autocorrelation":
    case "mean-absolute-step":
      return signalStatistic(measure.statistic, part);
    case "spectral-centroid":
      return spectralCentroid(spectrumOf(part, measure, spectra), measure);
    case "band-energy":
      return bandEnergy(spectrumOf(part, measure, spectra), measure);
  }
}

function spectrumOf(part: Part, { frame }: SpectrumSpec, spectra: KnownSpectra): PowerSpectrum {
  const { start, count, stride, every } = part;
  const key = `${start} ${count} ${stride} ${every} ${frame}`;
  const known = spectra.get(key);
  if (known !== undefined) return known;
  const power = powerSpectrum(part, frame);
  spectra.set(key, power);
  return power;
}
