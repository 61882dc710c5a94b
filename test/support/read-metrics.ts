import type { MetricsFormat } from "../../proto/metrics/metrics-format.ts";

export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadFamily {
  readonly name: string;
  readonly kind: string;
  readonly help: string;
  readonly samples: readonly ReadSample[];
}

/**
 * Reads what Prometheus would scrape, more strictly than it does: every line must be one that the format knows, descriptions come
 * once and before the samples, all samples of a family stand together and differ in their labels, buckets rise to +Inf and agree
 * with the count. Throws an Error that shows the line.
 */
export function readMetrics(text: string, format: MetricsFormat = "prometheus"): ReadonlyMap<string, ReadFamily> {
  if (!text.endsWith("\n") && text !== "") throw new Error("the last line has no end");
  const lines = text.split("\n").slice(0, -1);
  if (format === "openmetrics" && lines.pop() !== "# EOF") throw new Error('the last line is not "# EOF"');
  const families = new Map<string, { kind: string; help: string; samples: ReadSample[] }>();
  const series = new Set<string>();
  let current = "";
  for (const line of lines) {
    const help = /^# HELP ([a-zA-Z_:][\w:]*) (.*)$/s.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/.exec(line);
    if (help !== null) {
      current = help[1] as string;
      if (families.has(current)) throw new Error(`described twice: ${line}`);
      families.set(current, { kind: "", help: unescaped(help[2] as string), samples: [] });
    } else if (type !== null) {
      const family = families.get(type[1] as string);
      if (family === undefined || type[1] !== current || family.kind !== "") throw new Error(`not expected: ${line}`);
      family.kind = type[2] as string;
    } else {
      const family = families.get(current);
      const sample = readSample(line);
      if (family === undefined || !namesOf(current, family.kind, format).includes(sample.name))
        throw new Error(`belongs to no family before it: ${line}`);
      const key = `${sample.name} ${keyOf(sample.labels)}`;
      if (series.has(key)) throw new Error(`there twice: ${line}`);
      series.add(key);
      family.samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.kind === "histogram") checkBuckets(name, family.samples);
  return new Map([...families].map(([name, family]) => [name, { name, ...family }]));
}

/** The value of the one sample of these labels; undefined when there is none. */
export function valueIn(
  families: ReadonlyMap<string, ReadFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = keyOf(labels);
  return [...families.values()]
    .flatMap(({ samples }) => samples)
    .find((sample) => sample.name === name && keyOf(sample.labels) === wanted)?.value;
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map((pair) => JSON.stringify(pair));
  return pairs.toSorted().join();
}

function namesOf(family: string, kind: string, format: MetricsFormat): readonly string[] {
  if (kind === "histogram") return ["bucket", "sum", "count"].map((part) => `${family}_${part}`);
  if (kind === "counter" && format === "openmetrics") return [`${family}_total`];
  return [family];
}

function readSample(line: string): ReadSample {
  const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.+)\})? (\S+)$/s.exec(line);
  if (parts === null) throw new Error(`not a sample: ${line}`);
  const [, name, pairs, value] = parts as unknown as [string, string, string | undefined, string];
  const labels: Record<string, string> = {};
  const rest = (pairs ?? "").replace(
    /([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,(?=[a-zA-Z_])|$)/g,
    (_, label: string, text: string) => {
      if (Object.hasOwn(labels, label)) throw new Error(`a label twice: ${line}`);
      labels[label] = unescaped(text);
      return "";
    },
  );
  if (rest !== "") throw new Error(`labels that cannot be read: ${line}`);
  return { name, labels, value: readNumber(value, line) };
}

function readNumber(text: string, line: string): number {
  if (text === "NaN") return Number.NaN;
  if (/^[+-]Inf$/.test(text)) return text === "+Inf" ? Infinity : -Infinity;
  if (!/^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(text)) throw new Error(`not a number: ${line}`);
  return Number(text);
}

function checkBuckets(name: string, samples: readonly ReadSample[]): void {
  const byLabels = new Map<string, ReadSample[]>();
  for (const sample of samples) {
    const labels = keyOf(Object.fromEntries(Object.entries(sample.labels).filter(([label]) => label !== "le")));
    byLabels.set(labels, [...(byLabels.get(labels) ?? []), sample]);
  }
  for (const [labels, group] of byLabels) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const edges = buckets.map(({ labels: { le } }) => readNumber(le ?? "", name));
    const rises = (values: readonly number[]) =>
      values.every((value, i) => i === 0 || value >= (values[i - 1] as number));
    if (edges.at(-1) !== Infinity || new Set(edges).size < edges.length || !rises(edges))
      throw new Error(`the edges of ${name} ${labels} do not rise to +Inf`);
    if (!rises(buckets.map(({ value }) => value))) throw new Error(`the buckets of ${name} ${labels} fall`);
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    if (count !== buckets.at(-1)?.value)
      throw new Error(`the count of ${name} ${labels} is not that of its last bucket`);
    if (!group.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name} ${labels} has no sum`);
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\n])/g, (_, character: string) => (character === "n" ? "\n" : character));
}
