import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { describe, expect, it } from "vitest";
import { parseDeviceId } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import { failureKinds, quarantineCauses, updatePhases } from "../../proto/messages.ts";
import { healthMeasures, lanes, lifecycleEventNames, logLevels } from "../../proto/telemetry-messages.ts";
import { payloadTypes } from "../../proto/statements.ts";
import { confidenceEdges } from "../../proto/streams.ts";
import { agreementBins, agreementEdges } from "../../proto/sketch/agreement.ts";
import { latencyEdges } from "../../proto/sketch/latency.ts";
import { shardOf, topicRoot, topicTable } from "../../proto/topics.ts";

/** firmware-notes/protocol.md is what other implementers read: what it says in tables must be what the code does. */

const fileOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const page = await readFile(fileOf("firmware-notes/protocol.md"), "utf8");

/** The cells of the table behind `<!-- name -->`, without its head and without code marks. */
function tableOf(name: string): readonly (readonly string[])[] {
  const [, behind = ""] = page.split(`<!-- ${name} -->`);
  const [lines = ""] = behind.trimStart().split("\n\n");
  return lines
    .split("\n")
    .slice(2)
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(" | ")
        .map((cell) =>
          cell
            .replaceAll("`", "")
            .replace(/^\|?\s*/, "")
            .trim(),
        ),
    );
}

const numbered = (names: readonly string[]) => names.map((name, i) => `${i + 1} ${name}`).join(" · ");

describe("the protocol's page", () => {
  it("has the topics of the contract", () => {
    expect(tableOf("topics").map((cells) => cells.slice(0, 4))).toEqual(
      Object.entries(topicTable).map(([leaf, { from, qos, retain }]) => [
        leaf,
        from,
        String(qos),
        retain ? "yes" : "no",
      ]),
    );
    expect(page).toContain(`\`${topicRoot}/s/<shard>/d/<device>/<leaf>\``);
  });

  it("has the shards that devices get", () => {
    const shards = tableOf("shards");
    expect(shards.length).toBeGreaterThan(2);
    expect(shards).toEqual(shards.map(([device = ""]) => [device, shardOf(parseDeviceId(device))]));
  });

  it("has every limit with its value", () => {
    expect(Object.fromEntries(tableOf("limits").map(([name, value]) => [name, Number(value)]))).toEqual(limits);
  });

  it("has the numbers of what is counted through", () => {
    const numbers = Object.fromEntries(tableOf("numbers"));
    expect(numbers).toMatchObject({
      "ModelReport.phase": numbered(updatePhases),
      "UpdateFailure.kind": numbered(failureKinds),
      "QuarantineReport.cause": numbered(quarantineCauses),
      "TelemetryBatch.lane, Ack.lane": numbered(lanes),
      "LogLine.level": numbered(logLevels),
      "HealthRange.measure": numbered(healthMeasures),
    });
  });

  it("has every event", () => {
    expect(tableOf("events").map(([name]) => name)).toEqual(lifecycleEventNames);
  });

  it("has the payload types and the bins", () => {
    for (const type of Object.values(payloadTypes)) expect(page).toContain(`\`${type}\``);
    expect(page).toContain(`${latencyEdges.length + 1} bins`);
    expect(page).toContain(`i = 0 … ${latencyEdges.length - 1}`);
    expect(page).toContain(`at ${confidenceEdges.join(", ")}`);
    expect(page).toContain(`${agreementBins} bins, cut at ${agreementEdges.join(", ")}`);
  });
});

describe("the options for nanopb", () => {
  const root = new protobuf.Root().loadSync(fileOf("proto/sedge.proto"), { keepCase: true });
  root.resolveAll();
  /** Every field that needs a size: text, bytes, and what is repeated. */
  const fields = sizedFields(root.lookup("sedge.v1") as protobuf.Namespace);

  it("say the size of every field that has none by itself", async () => {
    const options = await readOptions();
    expect([...options.keys()].toSorted()).toEqual(fields.map(({ name }) => name).toSorted());
    const sized = fields.filter(({ name }) => options.get(name) !== "type:FT_CALLBACK");
    const saidOf = ({ name }: SizedField) => {
      const kinds = (options.get(name) ?? "").split(" ").map((option) => option.split(":")[0]);
      return { name, kinds };
    };
    expect(sized.map(saidOf)).toEqual(sized.map(({ name, field }) => ({ name, kinds: kindsOf(field) })));
  });

  it("follow from the limits", async () => {
    const options = await readOptions();
    const said = (end: RegExp) =>
      new Set(fields.filter(({ name }) => end.test(name)).map(({ name }) => options.get(name)));
    expect(said(/\.(?:package|digest|base|target)$/)).toEqual(new Set(["max_size:32"]));
    expect(said(/\.(?:reason|refusal|error)$/)).toEqual(new Set([`max_length:${3 * limits.reasonCharacters}`]));
    expect(options.get("sedge.v1.BlockData.data")).toBe(`max_size:${limits.blockBytes}`);
    expect(options.get("sedge.v1.SignedStatement.payload")).toBe(`max_size:${limits.packetBytes}`);
    expect(options.get("sedge.v1.SparseCounts.counts")).toBe(`max_count:${limits.bins}`);
    expect(options.get("sedge.v1.DeviceProfile.hardware")).toBe(`max_length:${limits.labelCharacters}`);
  });
});

interface SizedField {
  readonly name: string;
  readonly field: protobuf.Field;
}

function kindsOf(field: protobuf.Field): readonly string[] {
  const count = field.repeated ? ["max_count"] : [];
  const size = field.type === "bytes" ? ["max_size"] : field.type === "string" ? ["max_length"] : [];
  return [...count, ...size];
}

function sizedFields(namespace: protobuf.Namespace): readonly SizedField[] {
  return namespace.nestedArray
    .filter((one) => one instanceof protobuf.Type)
    .flatMap((message) => message.fieldsArray)
    .filter((field) => field.repeated || field.type === "string" || field.type === "bytes")
    .map((field) => ({ name: field.fullName.slice(1), field }));
}

async function readOptions(): Promise<ReadonlyMap<string, string>> {
  const lines = (await readFile(fileOf("firmware-notes/sedge.options"), "utf8")).split("\n");
  return new Map(
    lines
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [name = "", ...option] = line.split(" ");
        return [name, option.join(" ")] as const;
      }),
  );
}
