import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Connection } from "../../control-plane/cli/connection.ts";
import type { ApiClient } from "../../control-plane/cli/api-client.ts";
import { createApiClient } from "../../control-plane/cli/api-client.ts";
import type { Rollout } from "../../control-plane/domain/rollout/rollout.ts";
import type { RolloutRequest } from "../../control-plane/http/services.ts";
import { readModelSpec } from "../../control-plane/packaging/model-spec.ts";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import { packageModel } from "../../control-plane/packaging/package-model.ts";
import type { PublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { eventually, patienceMs } from "./end-to-end-waiting.ts";

/** A control plane, wherever it runs, as its operator and its publisher see it. */
export interface EndToEndControl {
  readonly api: ApiClient;
  readonly publisher: PublisherKey;
  push(version: DigitsVersion): Promise<ModelPackage>;
}

export type DigitsVersion = "1" | "2" | "3";

/** Makes a publisher and tells the control plane of it, so that the devices that are enrolled next trust it. */
export async function operate(
  plane: { readonly url: string; readonly operatorToken: string } | Connection,
  directory: string,
): Promise<EndToEndControl> {
  const connection = "server" in plane ? plane : { server: plane.url, token: plane.operatorToken };
  const api = createApiClient(connection, new AbortController().signal);
  const publisher = await createPublisherKey(join(directory, "publisher.pem"));
  await api.addPublisher(publisher.publicKey);
  return {
    api,
    publisher,
    async push(version) {
      const made = await packageDigits(version, publisher);
      for (const { digest, bytes } of made.files) await api.putArtifact(digest, bytes);
      await api.pushModel(made.bundle);
      return made;
    },
  };
}

export async function packageDigits(version: DigitsVersion, key: PublisherKey): Promise<ModelPackage> {
  const file = new URL(`digits-${version}.yaml`, digitsDirectory);
  return packageModel(
    await readModelSpec(fileURLToPath(file)),
    key,
    { createdAtMs: 1_000 },
    new AbortController().signal,
  );
}

/** One stage and no gate: what is looked at is the way of the model, not its evidence. */
export function quickRollout(version: string, request: Partial<RolloutRequest> = {}): RolloutRequest {
  return {
    model: "digits",
    version,
    stages: [{ percent: 100, soakMs: 0, minInferences: 0 }],
    gates: { maxErrorRate: null, maxLatencyRatio: null, maxOutputDrift: null },
    soak: { durationMs: 300, minInferences: 0, deadlineMs: 300 },
    ...request,
  };
}

export async function untilPhase(
  control: EndToEndControl,
  { id }: Pick<Rollout, "id">,
  kind: Rollout["phase"]["kind"],
  withinMs = patienceMs,
): Promise<void> {
  let last: unknown;
  await eventually(
    `the rollout ${id} is ${kind}`,
    async () => {
      const rollout = await control.api.rollout(id);
      last = rollout;
      return rollout.phase.kind === kind ? true : undefined;
    },
    { withinMs, everyMs: 50 },
  ).catch((cause: unknown) => {
    throw new Error(`the rollout did not become ${kind}: ${JSON.stringify(last)}`, { cause });
  });
}
