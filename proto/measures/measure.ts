/**
 * A statistic of a part of one inference's input: what a feature of images, sound or series is. The part is the whole row or one of
 * its channels, and of its elements every n-th is looked at.
 *
 * What decides the number stands in one object, apart from what is only said about the number, so that a device can tell whether it
 * knows all of it: a measure with a statistic or a field that it does not know is not measured at all, rather than measured otherwise.
 */
export type Measure = MeasuredPart & Statistic;

export interface MeasuredPart {
  readonly channel?: Channel | undefined;
  /**
   * Every n-th position is looked at, from the first: every n-th element, pair of neighbours, pixel with its neighbours, or frame of a
   * spectrum. Neighbours are always the real ones, so that thinning costs precision and never shifts a statistic. Absent: all.
   */
  readonly every?: number | undefined;
}

/** One of the planes, tracks or sensors in a row: where channels are the row's first dimension, or its last. */
export interface Channel {
  readonly index: number;
  readonly axis: ChannelAxis;
}

export const channelAxes = ["first", "last"] as const;
export type ChannelAxis = (typeof channelAxes)[number];

export type Statistic =
  | { readonly statistic: PlainStatistic }
  /** With `fullScale` (1 for float sound, 32,768 for 16 bits) in decibels below it. */
  | { readonly statistic: "root-mean-square"; readonly fullScale?: number | undefined }
  | (ShareBounds & { readonly statistic: ShareStatistic })
  | (SpectrumSpec & { readonly statistic: "spectral-centroid" })
  | (SpectrumSpec & { readonly statistic: "band-energy"; readonly fromHz: number; readonly toHz: number });

/** Statistics that need to know nothing but the elements: the first of their values whatever the order, the others of neighbours. */
export const valueStatistics = [
  "mean",
  "standard-deviation",
  "minimum",
  "maximum",
  "range",
  "peak",
  "share-missing",
] as const;
export const imageStatistics = ["gradient", "laplacian-variance"] as const;
export const signalStatistics = ["zero-crossing-rate", "slope", "autocorrelation", "mean-absolute-step"] as const;
export const shareStatistics = ["share-inside", "share-outside"] as const;
export const spectralStatistics = ["spectral-centroid", "band-energy"] as const;

export type ValueStatistic = (typeof valueStatistics)[number];
export type ImageStatistic = (typeof imageStatistics)[number];
export type SignalStatistic = (typeof signalStatistics)[number];
export type ShareStatistic = (typeof shareStatistics)[number];
export type PlainStatistic = ValueStatistic | ImageStatistic | SignalStatistic;

/** At least one end; `from` is not above `to`. The ends belong to the inside and to the outside: a clipped value lies on one. */
export interface ShareBounds {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface SpectrumSpec {
  /** Samples a second. */
  readonly sampleRate: number;
  /** Samples of one spectrum, a power of two: its lines are sampleRate / frame apart. */
  readonly frame: number;
}

export const frameLengths = [16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192] as const;

/** What no single field of a measure shows; the same for whoever writes it and for whoever reads it. */
export function measureProblems(measure: Statistic): readonly string[] {
  if (isShare(measure)) return boundProblems(measure);
  return measure.statistic === "band-energy" ? bandProblems(measure) : [];
}

export function isShare(measure: Statistic): measure is ShareBounds & { readonly statistic: ShareStatistic } {
  return shareStatistics.some((statistic) => statistic === measure.statistic);
}

function boundProblems({ from, to }: ShareBounds): readonly string[] {
  if (from === undefined && to === undefined) return ["needs from, to or both"];
  return from !== undefined && to !== undefined && from > to ? [`from ${from} is above to ${to}`] : [];
}

/** Example: frames of 1,024 samples at 16,000 Hz have lines 15.625 Hz apart; from 48 to 60 Hz there is none of them. */
function bandProblems({ sampleRate, frame, fromHz, toHz }: SpectrumSpec & { fromHz: number; toHz: number }): string[] {
  const problems: string[] = [];
  if (fromHz >= toHz) problems.push(`fromHz ${fromHz} is not below toHz ${toHz}`);
  if (toHz > sampleRate / 2)
    problems.push(`toHz ${toHz} is above ${sampleRate / 2}, half the sample rate: nothing is heard there`);
  const spacing = sampleRate / frame;
  if (problems.length === 0 && Math.ceil(Math.max(fromHz / spacing, 1)) * spacing >= toHz)
    problems.push(
      `between ${fromHz} and ${toHz} Hz lies no line of a spectrum of ${frame} samples, which are ${spacing} Hz apart; ` +
        "take a wider band or a longer frame",
    );
  return problems;
}
