import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import type { SealedPackage } from "../../control-plane/packaging/package-format/seal-package.ts";
import { sealPackage } from "../../control-plane/packaging/package-format/seal-package.ts";
import { decodeGoldenSet } from "../../proto/codec/golden.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilServing } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, packageDigits, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// int8 computes other numbers than its golden outputs say: as on a processor that adds up in another width.

let directory: TemporaryDirectory;
let plane: TestControlPlane;
let control: EndToEndControl;
const agents: EndToEndAgent[] = [];

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane({ "telemetry.window": "200ms" });
  control = await operate(plane, directory.path);
  await control.push("1");
  const strict = await withoutTolerance("int8", control.publisher);
  for (const { digest, bytes } of strict.files) await control.api.putArtifact(digest, bytes);
  await control.api.pushModel(strict.bundle);
});
afterAll(async () => {
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** The second version of the digits, in which a variant has to repeat its golden outputs to the last bit. */
async function withoutTolerance(id: string, key: PublisherKey): Promise<SealedPackage> {
  const { manifest, files } = await packageDigits("2", key);
  const golden = decodeGoldenSet(
    files.find(({ digest }) => digest === manifest.golden.digest)?.bytes ?? new Uint8Array(),
  );
  if (!golden.ok) throw new Error(golden.problems.join());
  const variants = manifest.variants.map((variant) =>
    variant.id === id ? { ...variant, tolerance: { ...variant.tolerance, maxDifference: 0 } } : variant,
  );
  const { files: _files, golden: _golden, ...rest } = manifest;
  const kept = files.filter(({ path }) => path.startsWith("variants/"));
  return sealPackage({ manifest: { ...rest, variants }, golden: golden.value, files: kept }, key);
}

async function device(id: string): Promise<EndToEndAgent> {
  const agent = await startAgent(control, { id, data: join(directory.path, id) });
  agents.push(agent);
  return agent;
}

const reported = async ({ id }: EndToEndAgent) => (await control.api.device(id)).reported?.models[0];

it("a variant with wrong outputs gives way on the device, and the next device of its kind begins with another", async () => {
  const first = await device("first");
  await untilPhase(control, await control.api.startRollout(quickRollout("1")), "complete");
  const rollout = await control.api.startRollout(quickRollout("2"));
  await untilServing(first, "2");
  await untilPhase(control, rollout, "complete");
  expect(await reported(first)).toMatchObject({
    active: { version: "2", variant: "fp32" },
    quarantined: [{ variant: "int8", cause: "wrong-outputs", runtime: expect.stringContaining("onnxruntime-node") }],
  });
  const { quarantined } = await control.api.measurements("digits", "2");
  expect(quarantined).toMatchObject([{ variant: "int8", devices: 1, cause: "wrong-outputs" }]);

  const second = await device("second");
  await untilServing(second, "2");
  const report = await eventually("the second device has said what it runs", async () => {
    const now = await reported(second);
    return now?.active === undefined ? undefined : now;
  });
  expect(report).toMatchObject({ active: { version: "2", variant: "fp32" } });
  expect(report.quarantined).toBeUndefined();
});
