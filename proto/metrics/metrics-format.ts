/** Prometheus' own text format, version 0.0.4, and OpenMetrics 1.0.0. */
export type MetricsFormat = "prometheus" | "openmetrics";

export const metricsContentType: Readonly<Record<MetricsFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/**
 * What a request's `Accept` asks for: OpenMetrics where version 1.0.0 of it is taken, and plain text is not preferred; else
 * Prometheus' format, which everything that reads metrics understands. Never throws.
 */
export function metricsFormatFor(accept: string | undefined): MetricsFormat {
  const ranges = (accept ?? "").split(",").map(mediaRange);
  const openMetrics = Math.max(0, ...ranges.filter(takesOpenMetrics).map(({ quality }) => quality));
  const plain = Math.max(0, ...ranges.filter(({ type }) => type === "text/plain").map(({ quality }) => quality));
  return openMetrics > 0 && openMetrics >= plain ? "openmetrics" : "prometheus";
}

interface MediaRange {
  readonly type: string;
  readonly version: string | undefined;
  readonly quality: number;
}

function takesOpenMetrics({ type, version }: MediaRange): boolean {
  return type === "application/openmetrics-text" && (version ?? "1.0.0") === "1.0.0";
}

/** RFC 9110, 12.5.1: a type and its parameters, a weight of 1 where none is given. */
function mediaRange(text: string): MediaRange {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const valueOf = (name: string) =>
    parameters
      .find((parameter) => parameter.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replace(/^"(.*)"$/, "$1");
  const quality = Number(valueOf("q") ?? "1");
  return { type, version: valueOf("version"), quality: quality >= 0 && quality <= 1 ? quality : 0 };
}
