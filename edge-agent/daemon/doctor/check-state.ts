import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileStore } from "../../core/ports.ts";
import { FileMissingError } from "../../core/ports.ts";
import { slotsOf } from "../../core/slots.ts";
import type { Digest } from "../../../proto/ids.ts";
import { mebibytes } from "../../../proto/units.ts";
import { sizeText } from "../console-text.ts";
import { openDeviceFiles } from "../device-files.ts";
import type { StoredState } from "../stored-state.ts";
import type { Finding } from "./finding.ts";
import { failed, ok, skipped, warning } from "./finding.ts";
import type { Patient } from "./patient.ts";

export function checkLock({ holder, status }: Pick<Patient, "holder" | "status">): Finding {
  const check = "agent";
  if (holder === undefined)
    return warning(check, "it does not run", "start it: systemctl start sedge-agent, or sedge-agent run");
  if (status !== undefined) return ok(check, `runs as process ${holder}, version ${status.agentVersion}`);
  return failed(
    check,
    `process ${holder} holds the directory and does not answer`,
    "look at `sedge-agent logs`; then restart it: systemctl restart sedge-agent",
  );
}

/** An agent that has not taken its first assignment has no state; after its first save it has one slot, then two. */
export function judgeState({ slots, state }: StoredState): Finding {
  const check = "state";
  const named = slots.map(({ name, condition }) => `${name} ${condition}`).join(", ");
  const bad = slots.filter(({ condition }) => condition !== "whole" && condition !== "missing");
  const problems = bad.map(({ name, problem }) => `${name}: ${problem}`).join("; ");
  if (bad.length === 0) return ok(check, state === undefined ? "none yet" : named);
  if (state === undefined)
    return failed(
      check,
      `it cannot be read: ${problems}`,
      "the agent starts without it and takes its models again; `sedge-agent reset --models` clears what is left",
    );
  return warning(
    check,
    `${named}: ${problems}`,
    "one slot is enough, and the next change writes the other; if it comes again, test the disk",
  );
}

/** Every file that a slot names, hashed again. */
export async function checkModels({ config, stored }: Pick<Patient, "config" | "stored">): Promise<readonly Finding[]> {
  const models = stored.state?.models ?? [];
  if (models.length === 0) return [skipped("models", "there are none on this device")];
  const { files } = await openDeviceFiles(config);
  const findings: Finding[] = [];
  for (const model of models) {
    const check = `model ${model.model}`;
    const problems: string[] = [];
    let bytes = 0;
    for (const { version, package: bundle, file } of slotsOf(model))
      for (const digest of [bundle, file]) {
        const condition = await conditionOf(files, digest);
        if (typeof condition === "number") bytes += condition;
        else problems.push(`${version}: ${condition}`);
      }
    const active = model.active === undefined ? "nothing is active" : `${model.active.version} is active`;
    const advice =
      "restart the agent: it falls back to the version before, and fetches what is missing or damaged again; if it comes again, test the disk";
    findings.push(
      problems.length > 0
        ? failed(check, problems.join("; "), advice)
        : ok(check, `${active}; versions with their right digests: ${slotsOf(model).length}, ${sizeText(bytes)}`),
    );
  }
  return findings;
}

const readBytes = mebibytes(1);

/** Its size when it is whole, or else what is wrong with it. */
async function conditionOf(files: FileStore, digest: Digest): Promise<number | string> {
  try {
    await using file = await files.open(digest);
    const hash = createHash("sha256");
    for (let at = 0; at < file.size; at += readBytes) hash.update(await file.read(at, readBytes));
    const found = `sha256:${hash.digest("hex")}`;
    return found === digest ? file.size : `the file ${digest.slice(0, 19)} is damaged`;
  } catch (error) {
    if (error instanceof FileMissingError) return `the file ${digest.slice(0, 19)} is missing`;
    return `the file ${digest.slice(0, 19)} cannot be read: ${String(error)}`;
  }
}

export async function checkSpool({ data, config }: Pick<Patient, "data" | "config">): Promise<Finding> {
  return judgeSpool(await bytesBelow(join(data, "spool")), config.telemetry.quotaBytes);
}

export function judgeSpool(bytes: number, quotaBytes: number): Finding {
  const check = "spool";
  const says = `${sizeText(bytes)} of ${sizeText(quotaBytes)} on disk`;
  if (bytes < quotaBytes * 0.8) return ok(check, says);
  return warning(
    check,
    says,
    "telemetry does not get away: see the control plane's checks below; the oldest is dropped first",
  );
}

async function bytesBelow(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
