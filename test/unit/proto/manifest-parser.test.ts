import { describe, expect, it } from "vitest";

import { base64OfBytes, bytesOfText } from "../../../proto/bytes.ts";
import { encodeManifest } from "../../../proto/manifest.ts";
import { parseManifest } from "../../../proto/manifest-parser.ts";
import { aManifest } from "../../support/manifests.ts";

/** Loose on purpose: the changes make manifests that the type forbids. */
interface LooseManifest {
  readonly variants: [{ readonly file: object }];
  readonly features: [object];
  readonly reference: { readonly streams: [object, ...object[]] };
}

const problemsOf = (change: (json: LooseManifest) => void): readonly string[] => {
  const json = JSON.parse(JSON.stringify(aManifest())) as LooseManifest;
  change(json);
  const result = parseManifest(bytesOfText(JSON.stringify(json)));
  return result.ok ? [] : result.problems;
};

describe("a manifest", () => {
  it("reads back as it was written", () => {
    expect(parseManifest(encodeManifest(aManifest()))).toEqual({ ok: true, value: aManifest() });
  });

  it("names every mistake, each with its path", () => {
    const problems = problemsOf((json) => {
      Object.assign(json, { model: "Not a name" });
      Object.assign(json.variants[0].file, { digest: "sha256:12" });
      Object.assign(json.reference.streams[0], { edges: [1, 0] });
    });
    expect(problems).toEqual([
      "model: must be a model name",
      "variants[0].file.digest: must be a digest",
      "reference.streams[0].edges: must ascend",
      "reference.streams[0].counts: 2 edges make 3 bins, not 4",
    ]);
  });

  it("may name the hashes of a file's chunks: as many as it has, in chunks of a size that a device can hold", () => {
    const hashes = base64OfBytes(new Uint8Array(64));
    const problemsOfChunks = (chunks: object, size = 300_000) =>
      problemsOf((json) => Object.assign(json.variants[0].file, { size, chunks }));
    expect(problemsOfChunks({ bytes: 262_144, sha256: hashes })).toEqual([]);
    expect(problemsOfChunks({ bytes: 262_144, sha256: hashes, blake3: "what comes later" })).toEqual([]);
    const path = "variants[0].file.chunks";
    expect(problemsOfChunks({ bytes: 262_144, sha256: hashes }, 600_000)).toEqual([
      `${path}.sha256: must be 3 SHA-256 in base64; found 2`,
    ]);
    expect(problemsOfChunks({ bytes: 262_144, sha256: "not base64!" })).toEqual([
      `${path}.sha256: must be 2 SHA-256 in base64; found none`,
    ]);
    expect(problemsOfChunks({ bytes: 300_000, sha256: hashes })).toEqual([
      `${path}.bytes: must be a power of two from 262144 on`,
    ]);
    expect(problemsOfChunks({ bytes: 2 ** 30, sha256: 7 })).toHaveLength(3);
  });

  it("must not speak of inputs, outputs or streams that are not there", () => {
    expect(problemsOf((json) => Object.assign(json.features[0], { input: "sound" }))).toEqual([
      'features[0].input: there is no input "sound"',
    ]);
    expect(problemsOf((json) => Object.assign(json.features[0], { name: "darkness" }))).toEqual([
      "reference.streams: must be numeric input.darkness, categorical output.class, numeric output.confidence; " +
        "found numeric input.brightness, categorical output.class, numeric output.confidence",
    ]);
  });

  it("reads what is declared of a feature, and names what contradicts itself", () => {
    const [feature] = aManifest().features;
    const declared = aManifest({ features: [{ ...feature!, range: { min: 0, max: 1 }, stuckAfter: 30 }] });
    expect(parseManifest(encodeManifest(declared))).toEqual({ ok: true, value: declared });
    const mistakes = { range: { min: 2, max: 1 }, stuckAfter: 5, mayRest: true };
    expect(problemsOf((json) => Object.assign(json.features[0], mistakes))).toEqual([
      "features[0]: range: min 2 is not below max 1",
      expect.stringMatching(/^features\[0\]: mayRest: .* keep one$/),
    ]);
    expect(problemsOf((json) => Object.assign(json.features[0], { range: {}, stuckAfter: 0 }))).toEqual([
      "features[0]: range: needs min, max or both",
      "features[0]: stuckAfter: a run has at least 1 value",
    ]);
    expect(problemsOf((json) => Object.assign(json.features[0], { range: { min: "low" }, mayRest: 1 }))).toEqual([
      "features[0].range.min: must be a finite number",
      "features[0].mayRest: must be true or false",
    ]);
  });

  it("of a later schema is refused in words", () => {
    expect(problemsOf((json) => Object.assign(json, { schema: 2 }))).toEqual([
      "schema: this version reads schema 1 only",
    ]);
  });
});
