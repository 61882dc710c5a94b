import { describe, expect, it } from "vitest";
import type { ModelStatus, ServedModel } from "../../../../../edge-agent/core/agent-status.ts";
import { indexOf, readIndexRequest } from "../../../../../edge-agent/daemon/inference-protocol/repository-index.ts";
import { aManifest } from "../../../../support/manifests.ts";
import { scriptedLocalAgent } from "../../../../support/scripted-local-agent.ts";

const manifest = aManifest();
const agent = scriptedLocalAgent(manifest, async () => []);
const [active] = agent.status().models as readonly [ModelStatus];
const served = agent.describe(manifest.model) as ServedModel;

function indexed(status: Partial<ModelStatus>, versions: readonly string[] = ["2.0.0"]): Record<string, string> {
  const entries = indexOf({ ...active, ...status }, versions.length === 0 ? undefined : { ...served, versions });
  return Object.fromEntries(entries.map(({ version, state, reason }) => [version, `${state} ${reason}`.trim()]));
}

describe("the index of a device's models", () => {
  it("has what answers, what is kept and what the factory gave it", () => {
    expect(indexed({ previous: "1.0.0", factory: "0.9.0" })).toEqual({
      "2.0.0": "READY",
      "1.0.0": "UNAVAILABLE it is kept for a rollback",
      "0.9.0": "UNAVAILABLE it came with the device, and serves when nothing else can",
    });
  });

  it("says how far a candidate is", () => {
    expect(indexed({ candidate: "3.0.0", phase: "fetching" })["3.0.0"]).toBe('LOADING its update is at "fetching"');
    expect(indexed({ candidate: "3.0.0", phase: "shadow" })["3.0.0"]).toMatch(/^UNAVAILABLE it runs in shadow/);
    expect(indexed({ candidate: "3.0.0", phase: "verified", held: "until 02:00" })["3.0.0"]).toBe(
      "UNAVAILABLE its update waits: until 02:00",
    );
    expect(indexed({ candidate: "3.0.0", phase: "trial" }, ["3.0.0", "2.0.0"])).toEqual({
      "3.0.0": "READY",
      "2.0.0": "READY",
    });
  });

  it("does not call a model ready whose worker is not there", () => {
    expect(indexed({}, [])).toEqual({ "2.0.0": "LOADING its worker is being started" });
  });

  it("is asked for with a body or without", () => {
    const read = (text: string) => readIndexRequest(Buffer.from(text));
    expect(read("")).toEqual({ ok: true, value: { onlyReady: false } });
    expect(read("{}")).toEqual({ ok: true, value: { onlyReady: false } });
    expect(read('{"ready": true}')).toEqual({ ok: true, value: { onlyReady: true } });
    expect(read('{"ready": "yes"}')).toEqual({ ok: false, problems: ["ready: must be true or false"] });
    expect(read("[")).toEqual({ ok: false, problems: [expect.stringMatching(/^the body is not JSON/)] });
    expect(read("[]")).toEqual({ ok: false, problems: ["the body must be an object in JSON"] });
  });
});
