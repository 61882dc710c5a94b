import type { JsonReader } from "./json-reader.ts";
import type { FeatureSpec } from "./manifest.ts";
import { tensorFeatureKinds } from "./manifest.ts";
import { declaredValues } from "./manifest-interface-parser.ts";
import { nameCharacters } from "./manifest-values.ts";
import type { Measure, MeasuredPart, Statistic } from "./measures/measure.ts";
import {
  channelAxes,
  frameLengths,
  imageStatistics,
  measureProblems,
  shareStatistics,
  signalStatistics,
  spectralStatistics,
  valueStatistics,
} from "./measures/measure.ts";

/** A kind that this version does not know is no mistake: packages outlive agents. A mistake in what it knows is one. */
export function featureSpec(reader: JsonReader): FeatureSpec {
  const kind = reader.field("kind").text(nameCharacters);
  const name = reader.field("name").text(nameCharacters);
  const input = reader.field("input").text(nameCharacters);
  const about = { name, input, ...declaredValues(reader) };
  if (kind === "column") return { kind, ...about, index: reader.field("index").count(1_000_000) };
  const plain = tensorFeatureKinds.find((known) => known === kind);
  if (plain !== undefined) return { kind: plain, ...about };
  if (kind !== "measure") return { kind: "unknown", ...about, stated: statedKind(reader, kind) };
  const measure = measureSpec(reader.field("measure"));
  return typeof measure === "string"
    ? { kind: "unknown", ...about, stated: measure }
    : { kind: "measure", ...about, measure };
}

/** An unknown feature that was read and written again has said before what it is. */
function statedKind(reader: JsonReader, kind: string): string {
  const stated = reader.field("stated");
  return kind === "unknown" && !stated.absent ? stated.text(nameCharacters) : `kind ${kind}`.slice(0, nameCharacters);
}

const plainStatistics = [...valueStatistics, ...imageStatistics, ...signalStatistics] as const;

/** The measure, or what of it is not known here: a newer field may change what the number means, so none is passed over. */
function measureSpec(reader: JsonReader): Measure | string {
  const stated = reader.field("statistic").text(nameCharacters);
  const read = statisticNamed(stated);
  if (read === undefined) return `statistic ${stated}`.slice(0, nameCharacters);
  const known = ["statistic", "channel", "every", ...read.fields];
  const strange = reader.entries(64, nameCharacters).flatMap(([name]) => (known.includes(name) ? [] : [name]));
  if (strange.length > 0) return `${stated} with ${strange.join(", ")}`.slice(0, nameCharacters);
  const measure = { ...read.statistic(reader), ...measuredPart(reader) };
  for (const problem of measureProblems(measure)) reader.problems.add(reader.path, problem);
  return measure;
}

interface StatisticReader {
  readonly fields: readonly string[];
  readonly statistic: (reader: JsonReader) => Statistic;
}

function statisticNamed(name: string): StatisticReader | undefined {
  const plain = plainStatistics.find((known) => known === name);
  if (plain !== undefined) return { fields: [], statistic: () => ({ statistic: plain }) };
  const share = shareStatistics.find((known) => known === name);
  if (share !== undefined)
    return {
      fields: ["from", "to"],
      statistic: (reader) => ({ statistic: share, ...optionalNumbers(reader, ["from", "to"]) }),
    };
  if (name === "root-mean-square")
    return {
      fields: ["fullScale"],
      statistic: (reader) => ({ statistic: name, ...optionalNumbers(reader, ["fullScale"], positive) }),
    };
  const spectral = spectralStatistics.find((known) => known === name);
  return spectral && spectralReader(spectral);
}

function spectralReader(name: (typeof spectralStatistics)[number]): StatisticReader {
  const common = (reader: JsonReader) => ({ sampleRate: positive(reader.field("sampleRate")), frame: frameOf(reader) });
  return name === "spectral-centroid"
    ? { fields: ["sampleRate", "frame"], statistic: (reader) => ({ statistic: name, ...common(reader) }) }
    : {
        fields: ["sampleRate", "frame", "fromHz", "toHz"],
        statistic: (reader) => ({
          statistic: name,
          ...common(reader),
          fromHz: reader.field("fromHz").quantity(Number.MAX_VALUE),
          toHz: reader.field("toHz").quantity(Number.MAX_VALUE),
        }),
      };
}

function measuredPart(reader: JsonReader): MeasuredPart {
  const [channel, every] = [reader.field("channel"), reader.field("every")];
  return {
    ...(!channel.absent && {
      channel: { index: channel.field("index").count(1_000_000), axis: channel.field("axis").oneOf(channelAxes) },
    }),
    ...(!every.absent && { every: atLeastOne(every) }),
  };
}

function atLeastOne(reader: JsonReader): number {
  const count = reader.count(1_000_000_000);
  if (count === 0) reader.problems.add(reader.path, "must be at least 1");
  return Math.max(1, count);
}

function frameOf(reader: JsonReader): number {
  const frame = reader.field("frame");
  const length = frame.count(1_000_000);
  if (!frameLengths.some((known) => known === length))
    frame.problems.add(frame.path, `must be one of ${frameLengths.join(", ")}`);
  return length;
}

function positive(reader: JsonReader): number {
  const value = reader.finite();
  if (value <= 0) reader.problems.add(reader.path, "must be above 0");
  return value;
}

function optionalNumbers<Name extends string>(
  reader: JsonReader,
  names: readonly Name[],
  read: (reader: JsonReader) => number = (one) => one.finite(),
): { readonly [Key in Name]?: number } {
  const given = names.filter((name) => !reader.field(name).absent);
  return Object.fromEntries(given.map((name) => [name, read(reader.field(name))])) as {
    readonly [Key in Name]?: number;
  };
}
