import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metricsContentType, metricsFormatFor } from "../../../../proto/metrics/metrics-format.ts";

describe("the format that a request for metrics is answered in", () => {
  it.each([
    [undefined, "prometheus"],
    ["*/*", "prometheus"],
    ["text/plain", "prometheus"],
    ["application/openmetrics-text", "openmetrics"],
    ['application/openmetrics-text; version="1.0.0"; q=0.5', "openmetrics"],
    ["application/openmetrics-text;version=0.0.1", "prometheus"],
    ["application/openmetrics-text;version=1.0.0;q=0", "prometheus"],
    ["application/openmetrics-text;version=1.0.0;q=0.3,text/plain;q=0.7", "prometheus"],
  ])("Accept: %s: %s", (accept, format) => {
    expect(metricsFormatFor(accept)).toBe(format);
  });

  it("Prometheus itself is given OpenMetrics, which it prefers", () => {
    const accept =
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
    expect(metricsFormatFor(accept)).toBe("openmetrics");
  });

  it("the answer says which version it has", () => {
    expect(metricsContentType).toEqual({
      prometheus: "text/plain; version=0.0.4; charset=utf-8",
      openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
    });
  });

  it("takes whatever a header may hold", () => {
    fc.assert(fc.property(fc.string(), (accept) => ["prometheus", "openmetrics"].includes(metricsFormatFor(accept))));
  });
});
