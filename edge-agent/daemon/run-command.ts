import { chooseRuntime } from "../adapters/node/choose-runtime.ts";
import { loadEnrolment } from "../adapters/node/credential-store.ts";
import { usableMemory } from "../adapters/node/device-profile.ts";
import { makeDirectory } from "../adapters/node/durable-files.ts";
import { effectiveSettings } from "../core/effective-settings.ts";
import { defaultMemoryBudget } from "../core/memory-budget.ts";
import { mebibytes } from "../../proto/units.ts";
import { openConfig } from "./command-config.ts";
import type { ConfigFlags } from "./config-sources.ts";
import { jsonLog } from "./json-log.ts";
import { lockDirectory } from "./lock-file.ts";
import { openLogRing } from "./log-ring.ts";
import { checkReadOnlyRoot, runtimeDirectoriesIn } from "./read-only-root.ts";
import { serviceNotifier } from "./service/service-notifier.ts";
import { stopSignal } from "./stop-signal.ts";

export interface RunCommandFlags extends ConfigFlags {
  readonly readOnlyRoot: boolean;
}

class NotEnrolledError extends Error {
  override readonly name = "NotEnrolledError";
}

const leastMemory = mebibytes(256);

/** Runs until a signal; everything that was opened is closed in the reverse order, whichever way it ends. */
export async function runCommand(flags: RunCommandFlags): Promise<void> {
  const config = await openConfig(flags);
  const { data } = config;
  if (flags.readOnlyRoot) {
    checkReadOnlyRoot(config, runtimeDirectoriesIn(process.env));
    // Whatever a library would leave in the home directory or in /tmp.
    Object.assign(process.env, { HOME: data, TMPDIR: data });
  }
  const enrolment = await loadEnrolment(data);
  if (enrolment === undefined)
    throw new NotEnrolledError(
      `${data} holds no enrolment: run \`sedge-agent enrol\` first, or name the right directory with --data`,
    );
  await makeDirectory(data);
  await using _lock = await lockDirectory(data);
  const log = jsonLog(effectiveSettings(config.pins, [], 0)["log.level"].value, openLogRing(data));
  using stop = stopSignal(log);
  using service = serviceNotifier({ environment: process.env, log });
  const memoryBudget = config.runtime.memoryBudget ?? defaultMemoryBudget(await usableMemory());
  // No model alone may take more than all together; but the runtime itself must be able to start, or nothing could.
  const maxMemoryBytes = config.runtime.maxMemory ?? Math.max(memoryBudget, leastMemory);
  // The process that tries the runtime out works while this one loads the agent's own code and reads what the device has.
  const runtime = chooseRuntime({ choice: config.runtime.engine, data, log, maxMemoryBytes }, stop.signal);
  // Until somebody waits for it, its failure must not end the process as one that nobody handles.
  runtime.catch(() => undefined);
  const { runAgent } = await import("./run-agent.ts");
  await runAgent({ config, enrolment, runtime, memoryBudget, service, log }, stop.signal);
}
