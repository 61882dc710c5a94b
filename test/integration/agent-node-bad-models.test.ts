import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PackageContent } from "../../control-plane/packaging/package-format/seal-package.ts";
import { connect } from "../../edge-agent/client/agent-client.ts";
import type { AgentStatus } from "../../edge-agent/core/agent-status.ts";
import { readHostFacts } from "../../edge-agent/daemon/host-facts.ts";
import { parseModelName } from "../../proto/ids.ts";
import type { Variant } from "../../proto/manifest.ts";
import { mebibytes } from "../../proto/units.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import type { BadModel } from "../support/bad-models.ts";
import { badModels } from "../support/bad-models.ts";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { sha256Of } from "../support/packages.ts";
import { aContent } from "../support/sealed-package.ts";
import { eventually, SedgeAgent } from "../support/sedge-agent.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { endless, memoryEating, modelBytes } from "../support/tiny-models.ts";

/** So many processes at the same time are enough for any device. */
const together = 8;
/** Of the files that are no models: the runtime's reader is the same for all. */
const someNoModels = ["cut after 99 %", "random bytes", "no graph", "200 Ifs inside each other"];
const image = { image: { data: new Float32Array(784).fill(0.3), dims: [1, 1, 28, 28] } };

/** Signed and sealed like any package, with a file that the packager would never have let through. */
function aBadPackage({ bytes }: Pick<BadModel, "bytes">, number: number): PackageContent {
  const base = aContent();
  const [variant] = base.manifest.variants as readonly [Variant];
  return {
    ...base,
    manifest: {
      ...base.manifest,
      model: parseModelName(`bad-${number}`),
      variants: [{ ...variant, file: { digest: sha256Of(bytes), size: bytes.length } }],
      maxInferenceMs: 500,
    },
    files: [{ path: "variants/fp32.onnx", bytes }],
  };
}

describe("bad models on a device that serves a good one", () => {
  it("are each found out in a process of their own; the daemon serves on, and nothing of them stays", async () => {
    await using directory = await temporaryDirectory();
    await using control = await startOneDeviceControl();
    const agent = new SedgeAgent(join(directory.path, "device"));
    await agent.enrol(control);
    await using daemon = await agent.daemon([], { SEDGE_AGENT_RUNTIME_MAX_MEMORY: String(mebibytes(400)) });
    const { bootId } = await agent.serving("1");
    using client = connect({ url: await agent.address() });

    const good = readFileSync(new URL("digits-2.onnx", digitsDirectory));
    const corpus = badModels(good).filter(({ name, found }) => found !== "format" || someNoModels.includes(name));
    // As the package declares its input and output: these get as far as an inference.
    const running = [{ bytes: modelBytes(endless) }, { bytes: modelBytes(memoryEating) }];
    const all = [...corpus, ...running].map((bad, i) => control.seal(aBadPackage(bad, i)));
    expect(all.length).toBeGreaterThan(45);
    for (let from = 0; from < all.length; from += together) {
      const some = all.slice(from, from + together);
      await control.assignTogether([control.digits, ...some]);
      const names = some.map(({ manifest }) => manifest.model as string);
      const { models } = await eventually(`${names.join(", ")} have failed`, async () => {
        const now: AgentStatus = await agent.status();
        const found = now.models.filter(({ model }) => names.includes(model));
        return found.length === names.length && found.every(({ failure }) => failure !== undefined) ? now : undefined;
      });
      const outcomes = models
        .filter(({ model }) => names.includes(model))
        .map(({ model, active, failure }) => [model, active, failure?.kind]);
      expect(new Set(outcomes)).toEqual(new Set(names.map((name) => [name, undefined, "failed"])));
      expect((await client.model("digits").infer(image)).version).toBe("1");
    }

    await control.assignTogether([control.digits]);
    const last = await eventually("only the good model is left", async () => {
      const now = await agent.status();
      return now.models.length === 1 ? now : undefined;
    });
    expect(last).toMatchObject({ bootId, models: [{ model: "digits", active: "1" }] });
    expect(last.models[0]?.failure).toBeUndefined();
    const { processes } = await readHostFacts(agent.data, daemon.process.pid);
    expect(processes.map(({ kind }) => kind).toSorted()).toEqual(["agent", "inference"]);
  });
});
