import type { JsonReader } from "./json-reader.ts";
import { limits } from "./limits.ts";
import type { ReferenceProfile, StreamReference } from "./manifest.ts";
import { nameCharacters } from "./manifest-values.ts";

export function referenceProfile(reader: JsonReader): ReferenceProfile {
  return {
    rows: reader.field("rows").count(Number.MAX_SAFE_INTEGER),
    streams: reader.field("streams").list(limits.streams).map(streamReference),
  };
}

function streamReference(reader: JsonReader): StreamReference {
  const name = reader.field("name").text(nameCharacters);
  const counts = reader
    .field("counts")
    .list(limits.bins)
    .map((count) => count.count(Number.MAX_SAFE_INTEGER));
  const missing = reader.field("missing").count(Number.MAX_SAFE_INTEGER);
  if (reader.field("kind").oneOf(["numeric", "categorical"]) === "numeric") {
    const edges = reader
      .field("edges")
      .list(limits.bins)
      .map((edge) => edge.finite());
    if (edges.some((edge, i) => i > 0 && edge <= (edges[i - 1] as number)))
      reader.problems.add(`${reader.path}.edges`, "must ascend");
    if (counts.length !== edges.length + 1)
      reader.problems.add(
        `${reader.path}.counts`,
        `${edges.length} edges make ${edges.length + 1} bins, not ${counts.length}`,
      );
    return { kind: "numeric", name, edges, counts, missing };
  }
  const categories = reader
    .field("categories")
    .list(limits.bins)
    .map((category) => category.text(nameCharacters));
  if (counts.length !== categories.length)
    reader.problems.add(`${reader.path}.counts`, `must have one count for each of ${categories.length} categories`);
  return { kind: "categorical", name, categories, counts, missing };
}
