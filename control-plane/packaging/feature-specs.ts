import type { FeatureSpec, TensorSpec } from "../../proto/manifest.ts";
import { tensorFeatureKinds } from "../../proto/manifest.ts";
import type { Channel, Measure, Statistic } from "../../proto/measures/measure.ts";
import { frameLengths, imageStatistics, measureProblems, signalStatistics } from "../../proto/measures/measure.ts";
import type { RowShape } from "./feature-part.ts";
import { findPart, rowShapeOf } from "./feature-part.ts";
import type { WrittenFeature, WrittenMeasure } from "./feature-schema.ts";

/** More positions than these cost a device more than they tell of a whole: their mean is known to a hundredth of their spread. */
const mostPositions = 8_192;
/** A spectrum of a frame costs as much as some thousand positions. */
const mostFrames = 4;
const usualFrame = 1_024;

/** Why a feature cannot be read from its input, in words; empty when it can. What is not fixed in the shape is not judged. */
export function featureProblems(feature: WrittenFeature, input: TensorSpec): readonly string[] {
  const row = rowShapeOf(input);
  if (feature.kind === "column") return columnProblems(feature.index, row, input.name);
  const found = findPart(row, feature);
  if ("problem" in found) return [found.problem];
  const shape = withoutOnes(found.shape);
  return [...shapeProblems(feature, shape), ...measureProblems(statisticOf(feature, sizeOf(shape)))];
}

/** The feature as devices read it; `dims` are those of one reference row, which say how much there is to look at. */
export function featureSpecOf(written: WrittenFeature, input: TensorSpec, dims: readonly number[]): FeatureSpec {
  const { name, range, stuckAfter, mayRest } = written;
  const declared = {
    ...(range !== undefined && { range }),
    ...(stuckAfter !== undefined && { stuckAfter }),
    ...(mayRest !== undefined && { mayRest }),
  };
  const about = { name, input: input.name, ...declared };
  if (written.kind === "column") return { kind: "column", ...about, index: written.index };
  const measure = measureFor(written, rowShapeOf({ shape: dims }));
  const plain = tensorFeatureKinds.find((kind) => kind === measure.statistic);
  const isWhole = measure.channel === undefined && measure.every === undefined;
  // As packages always had it: agents of any age read it, and its numbers can be compared with an older version's.
  if (plain !== undefined && (isWhole || isWholePlane(written, measure))) return { kind: plain, ...about };
  return { kind: "measure", ...about, measure };
}

function measureFor(written: WrittenMeasure, row: RowShape): Measure {
  const found = findPart(row, written);
  const channel = "problem" in found ? undefined : (found.channel ?? onlyChannel(written, row));
  const shape = channel === undefined ? row : channel.axis === "first" ? row.slice(1) : row.slice(0, -1);
  const count = sizeOf(shape) ?? 0;
  const statistic = statisticOf(written, count);
  const every = written.every ?? usualEvery(statistic, written, count, row);
  return { ...statistic, ...(channel && { channel }), ...(every > 1 && { every }) };
}

/** What looks at neighbours in a plane must know its lines: an image of one channel is that channel. */
function onlyChannel({ kind }: WrittenMeasure, row: RowShape): Channel | undefined {
  if (!isImage(kind) || row.length !== 3) return undefined;
  if (row[0] === 1) return { index: 0, axis: "first" };
  return row.at(-1) === 1 ? { index: 0, axis: "last" } : undefined;
}

/** The whole of an image of one channel, channels first: the row itself. */
function isWholePlane({ channel }: WrittenMeasure, measure: Measure): boolean {
  return channel === undefined && measure.channel?.axis === "first" && measure.every === undefined;
}

/**
 * Without a common divisor with the number of elements, so that the positions do not stand below each other, and in turn in every channel.
 *
 * Example: of 150,528 elements (224 x 224 x 3) every 19th is looked at, 7,923 of them.
 */
function usualEvery(statistic: Statistic, { kind, channel }: WrittenMeasure, count: number, row: RowShape): number {
  if ("frame" in statistic) return Math.max(1, Math.floor(Math.floor(count / statistic.frame) / mostFrames));
  // Its lines are not known: only the whole is what it always was.
  if (kind === "gradient" && channel === undefined && withoutOnes(row).length !== 2) return 1;
  let every = Math.max(1, Math.ceil(count / mostPositions));
  while (every > 1 && commonDivisor(every, count) > 1) every += 1;
  return every;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

function statisticOf(written: WrittenMeasure, count: number | undefined): Statistic {
  if (written.kind === "root-mean-square")
    return { statistic: written.kind, ...(written.fullScale !== undefined && { fullScale: written.fullScale }) };
  if (written.kind === "share-inside" || written.kind === "share-outside") {
    const { kind, from, to } = written;
    return { statistic: kind, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  }
  if (!("sampleRate" in written)) return { statistic: written.kind };
  const { sampleRate, frame = frameFor(count) } = written;
  if (written.kind === "spectral-centroid") return { statistic: written.kind, sampleRate, frame };
  return { statistic: written.kind, sampleRate, frame, fromHz: written.fromHz, toHz: written.toHz };
}

function frameFor(count = usualFrame): number {
  return frameLengths.findLast((length) => length <= Math.min(count, usualFrame)) ?? frameLengths[0];
}

function isImage(kind: WrittenMeasure["kind"]): boolean {
  return imageStatistics.some((known) => known === kind);
}

function shapeProblems(feature: WrittenMeasure, shape: RowShape): readonly string[] {
  const { kind } = feature;
  const shown = `[${shape.join(", ")}]`;
  const isWholeGradient = kind === "gradient" && feature.channel === undefined && feature.every === undefined;
  if (isImage(kind) && !isWholeGradient) {
    if (shape.length !== 2)
      return [`${kind} looks at one plane, [height, width], and this is ${shown}; ${channelAdvice}`];
    const isSmall = shape.some((size) => typeof size === "number" && size < 3);
    return kind === "laplacian-variance" && isSmall ? [`no pixel of ${shown} has four neighbours`] : [];
  }
  const isSpectral = "sampleRate" in feature;
  if (!isSpectral && !signalStatistics.some((known) => known === kind)) return [];
  if (shape.length !== 1) return [`${kind} looks at one signal, [steps], and this is ${shown}; ${channelAdvice}`];
  const steps = sizeOf(shape);
  const least = isSpectral ? (feature.frame ?? frameLengths[0]) : 2;
  return steps !== undefined && steps < least ? [`${kind} needs ${least} steps or more, and there are ${steps}`] : [];
}

const channelAdvice = "name one channel of it";

function columnProblems(index: number, row: RowShape, input: string): readonly string[] {
  const length = sizeOf(row);
  return length !== undefined && index >= length
    ? [`its column ${index} is beyond the ${length} elements of "${input}"; the first is 0`]
    : [];
}

function withoutOnes(shape: RowShape): RowShape {
  return shape.filter((size) => size !== 1);
}

/** How many elements a shape has; undefined where a dimension is free. */
function sizeOf(shape: RowShape): number | undefined {
  const sizes = shape.filter((size) => typeof size === "number");
  return sizes.length === shape.length ? sizes.reduce((product, size) => product * size, 1) : undefined;
}
