import { isDigest, isModelVersion } from "./ids.ts";
import type { JsonReader } from "./json-reader.ts";
import type { About, Lineage } from "./manifest.ts";
import { nameCharacters, optionalText, record } from "./manifest-values.ts";

export function about(reader: JsonReader): About {
  return {
    description: optionalText(reader.field("description"), 10_000),
    license: optionalText(reader.field("license"), nameCharacters),
    authors: reader
      .field("authors")
      .list(64)
      .map((author) => author.text(nameCharacters)),
    source: optionalText(reader.field("source"), 2_048),
  };
}

export function lineage(reader: JsonReader): Lineage {
  const parent = reader.field("parent");
  const parentPackage = parent.absent ? undefined : parent.field("package");
  return {
    parent: parent.absent
      ? undefined
      : {
          version: parent.field("version").textThat(isModelVersion, "a model version"),
          package: parentPackage?.absent === false ? parentPackage.textThat(isDigest, "a digest") : undefined,
        },
    trainingData: reader
      .field("trainingData")
      .list(64)
      .map((data) => {
        const digest = data.field("digest");
        return {
          reference: data.field("reference").text(2_048),
          digest: digest.absent ? undefined : digest.textThat(isDigest, "a digest"),
        };
      }),
    codeRevision: optionalText(reader.field("codeRevision"), nameCharacters),
    hyperParameters: record(reader.field("hyperParameters"), (value) => value.scalar(1_024)),
    metrics: record(reader.field("metrics"), (value) => value.finite()),
    trainedBy: optionalText(reader.field("trainedBy"), nameCharacters),
    trainedAt: optionalText(reader.field("trainedAt"), 64),
  };
}
