import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { loadEnrolment } from "../adapters/node/credential-store.ts";
import { errorCode, syncDirectory } from "../adapters/node/durable-files.ts";
import type { AgentConfig } from "./config.ts";
import { openDeviceFiles } from "./device-files.ts";
import { openConfig } from "./command-config.ts";
import type { ConfigFlags } from "./config-sources.ts";
import type { DataPart } from "./data-directory.ts";
import { dataDirectory } from "./data-directory.ts";
import { UsageError } from "./exit-codes.ts";
import type { GivenUp } from "./give-up-spool.ts";
import { giveUpSpool } from "./give-up-spool.ts";
import { jsonLog } from "./json-log.ts";
import { lockDirectory } from "./lock-file.ts";

export interface ResetCommandFlags extends ConfigFlags {
  readonly models: boolean;
  /** As `models`, where a model that came with the device takes over. */
  readonly factory: boolean;
  readonly spool: boolean;
  readonly credential: boolean;
  readonly logs: boolean;
  readonly all: boolean;
  readonly yes: boolean;
  readonly output: "text" | "json";
}

/** What a person should know before each part is gone. */
const consequences: Readonly<Record<Exclude<DataPart, "run">, string>> = {
  models: "every model and what was assigned; the control plane assigns them again at the next connection",
  spool:
    "telemetry that the control plane does not have yet; it is lost for ever, and the control plane is told how much it was",
  credential: "who this device is; it must be enrolled again with a new token",
  logs: "the agent's own log lines",
};

/** Removes parts of the data directory. It holds the directory's lock meanwhile: no agent runs, and none can start. */
export async function resetCommand(flags: ResetCommandFlags): Promise<void> {
  const config = await openConfig(flags);
  const { data } = config;
  const parts = wantedParts(flags);
  if (parts.length === 0)
    throw new UsageError("say what to remove: --models, --factory, --spool, --credential, --logs or --all");
  await using _lock = await lock(data);
  const cameWith = flags.factory ? await usableFactory(config) : [];
  if (!flags.yes && !(await confirmed(data, parts))) throw new UsageError("nothing was removed");
  // A device without a credential has nobody to tell, and whoever enrols it anew begins with nothing.
  const staysItself = parts.includes("spool") && !parts.includes("credential");
  for (const part of [...parts, "run"] as const)
    if (!(part === "spool" && staysItself))
      for (const name of dataDirectory[part]) await rm(join(data, name), { recursive: true, force: true });
  // After the models: the event needs a little room on a full disk.
  const givenUp = staysItself ? await giveUpSpool(data, jsonLog("error")) : undefined;
  await syncDirectory(data);
  if (flags.output === "json") {
    const told = { data, removed: parts, factory: cameWith, ...(givenUp !== undefined && { givenUp }) };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  } else {
    const next = cameWith.length === 0 ? "" : ` The agent starts with ${cameWith.join(", ")} again.`;
    process.stdout.write(`Removed from ${data}: ${parts.join(", ")}.${next}\n`);
    if (givenUp !== undefined) process.stdout.write(`${givenUpText(givenUp)}\n`);
  }
}

/** What takes over. Throws where nothing does: a device without a model is not what was asked for. */
async function usableFactory(config: AgentConfig): Promise<readonly string[]> {
  const problems: string[] = [];
  const told = (fields: object) => void problems.push(JSON.stringify(fields));
  const { factory } = await openDeviceFiles(config, { debug() {}, info() {}, warn() {}, error: told });
  if (factory.packages.length > 0) return factory.packages.map(({ model, version }) => `${model} ${version}`);
  const why = problems.length === 0 ? `${config.factory} holds none that this device trusts` : problems.join("; ");
  throw new UsageError(`no model came with this device: ${why}`);
}

/** Example: "Given up, if it had not arrived: 2 of lifecycle, 14 of windows. The control plane is told at the next connection." */
function givenUpText(givenUp: GivenUp): string {
  const counts = Object.entries(givenUp).filter(([, count]) => count > 0);
  if (counts.length === 0) return "Nothing was given up: the control plane has everything.";
  const list = counts.map(([lane, count]) => `${count} of ${lane}`).join(", ");
  return `Given up, if it had not arrived: ${list}. The control plane is told at the next connection.`;
}

type RemovablePart = keyof typeof consequences;

function wantedParts(flags: ResetCommandFlags): readonly RemovablePart[] {
  const isWanted = (part: RemovablePart) => flags.all || flags[part] || (part === "models" && flags.factory);
  return (Object.keys(consequences) as RemovablePart[]).filter(isWanted);
}

async function lock(data: string): Promise<AsyncDisposable> {
  try {
    return await lockDirectory(data);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    throw new UsageError(`there is no directory ${data}: name the right one with --data`);
  }
}

async function confirmed(data: string, parts: readonly RemovablePart[]): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("nobody can be asked here: say --yes to remove without a question");
  const enrolment = await loadEnrolment(data).catch(() => undefined);
  process.stderr.write(`This removes from ${data}:\n`);
  for (const part of parts) process.stderr.write(`  ${part}: ${consequences[part]}\n`);
  const word = enrolment?.trust.device ?? "yes";
  const question = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await question.question(`Type "${word}" to go on: `)).trim() === word;
  } finally {
    question.close();
  }
}
