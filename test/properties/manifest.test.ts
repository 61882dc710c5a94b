import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOfText } from "../../proto/bytes.ts";
import { parseModelVersion } from "../../proto/ids.ts";
import type { Manifest, Scalar, Variant } from "../../proto/manifest.ts";
import { encodeManifest } from "../../proto/manifest.ts";
import { parseManifest } from "../../proto/manifest-parser.ts";
import { aManifest } from "../support/manifests.ts";
import { digestOf } from "../support/messages.ts";

const text = (maxLength = 256) => fc.string({ minLength: 1, maxLength });
// JSON has no minus zero.
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const quantity = finite.map(Math.abs).filter((value) => value <= Number.MAX_SAFE_INTEGER);
const count = fc.nat();
const digest = fc.nat({ max: 255 }).map(digestOf);
const orNone = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const scalar = fc.oneof(fc.string({ maxLength: 1_024 }), finite, fc.boolean());
const named = <T>(value: fc.Arbitrary<T>) =>
  fc.dictionary(
    text(32).filter((name) => name !== "__proto__"),
    value,
    { maxKeys: 5, noNullPrototype: true },
  );
const scalars = named(fc.oneof<fc.Arbitrary<Scalar | readonly Scalar[]>[]>(scalar, fc.array(scalar, { maxLength: 3 })));

const about = fc.record({
  description: orNone(text(10_000)),
  license: orNone(text()),
  authors: fc.array(text(), { maxLength: 3 }),
  source: orNone(text(2_048)),
});
const lineage = fc.record({
  parent: orNone(fc.record({ version: fc.constant(parseModelVersion("1.0")), package: orNone(digest) })),
  trainingData: fc.array(fc.record({ reference: text(2_048), digest: orNone(digest) }), { maxLength: 3 }),
  codeRevision: orNone(text()),
  hyperParameters: named(scalar),
  metrics: named(finite),
  trainedBy: orNone(text()),
  trainedAt: orNone(text(64)),
});
const dimension = fc.tuple(text(), fc.array(count, { minLength: 3, maxLength: 3 })).map(([name, sizes]) => {
  const [min = 0, typical = 0, max = 0] = sizes.toSorted((a, b) => a - b);
  return { name, min, typical, max };
});
const processing = fc.record({ tensor: fc.constantFrom("image", "logits"), operation: text(), parameters: scalars });
const quality = fc.record({
  metric: text(),
  better: fc.constantFrom("higher" as const, "lower" as const),
  value: finite,
  reference: finite,
  tolerance: quantity,
  samples: count,
});
const measurement = fc.record({
  architecture: text(64),
  cpuFlags: fc.array(text(64), { maxLength: 3 }),
  processor: text(),
  runtime: text(),
  p50Ms: quantity,
  p95Ms: quantity,
  loadMs: quantity,
  peakMemoryBytes: quantity,
  runs: count,
});
const build = fc.record({
  method: text(64),
  options: scalars,
  from: orNone(digest),
  calibration: orNone(fc.record({ digest, samples: count })),
});

const manifest = fc
  .record({
    about,
    lineage,
    dimensions: fc.array(dimension, { maxLength: 3 }),
    processing: fc.array(processing, { maxLength: 3 }),
    variant: fc.record({ build, quality: orNone(quality), measured: fc.array(measurement, { maxLength: 2 }) }),
    files: fc.array(digest, { maxLength: 5 }),
  })
  .map(({ variant, files, ...parts }): Manifest => {
    const base = aManifest();
    return {
      ...base,
      ...parts,
      variants: [{ ...(base.variants[0] as Variant), ...variant }],
      files: files.map((file, i) => ({ path: `folder/${i}.bin`, digest: file, size: i })),
    };
  });

describe("a manifest", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(manifest, (value) => {
        expect(parseManifest(encodeManifest(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it("with anything at any place is refused with its reasons, or means the same when it is written again; it is never thrown at", () => {
    const good = JSON.parse(JSON.stringify(aManifest())) as object;
    const changed = fc
      .tuple(fc.constantFrom(...pathsOf(good)), fc.jsonValue())
      .map(([path, value]) => ({ path, json: replaced(good, path, value) }));
    fc.assert(
      fc.property(changed, ({ json }) => {
        const read = parseManifest(bytesOfText(JSON.stringify(json)));
        if (read.ok) expect(parseManifest(encodeManifest(read.value))).toEqual(read);
        else for (const problem of read.problems) expect(problem).toMatch(/: ./);
      }),
      { numRuns: 2_000 },
    );
  });

  it("with anything at any place of a measure is refused with its reasons, or means the same when it is written again", () => {
    const measure = { statistic: "band-energy", sampleRate: 100, frame: 64, fromHz: 10, toHz: 20, every: 2 } as const;
    const feature = { name: "brightness", input: "image" } as const;
    const features = [
      { kind: "measure" as const, ...feature, measure: { ...measure, channel: { index: 0, axis: "last" as const } } },
    ];
    const good = JSON.parse(JSON.stringify(aManifest({ features }))) as object;
    const places = pathsOf(good).filter(([first]) => first === "features");
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (path, value) => {
        const read = parseManifest(bytesOfText(JSON.stringify(replaced(good, path, value))));
        if (read.ok) expect(parseManifest(encodeManifest(read.value))).toEqual(read);
        else for (const problem of read.problems) expect(problem).toMatch(/: ./);
      }),
    );
  });

  it("of any bytes at all is refused", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !parseManifest(bytes).ok));
  });
});

type Path = readonly (string | number)[];

/** Every place in a JSON value that something else could stand at. */
function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...at, name]))];
}

function replaced(value: unknown, [name, ...rest]: Path, by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value))
    return value.map((entry: unknown, i) => (String(i) === name ? replaced(entry, rest, by) : entry));
  const object = value as Record<string, unknown>;
  return { ...object, [name]: replaced(object[name], rest, by) };
}
