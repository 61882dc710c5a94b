import { CredentialError, loadEnrolment } from "../../adapters/node/credential-store.ts";
import { openConfig } from "../command-config.ts";
import type { ConfigFlags } from "../config-sources.ts";
import { NoAgentError } from "../exit-codes.ts";
import { lockHolder } from "../lock-file.ts";
import { askStatus } from "../running-agent.ts";
import { readStoredState } from "../stored-state.ts";
import { checkDirectory } from "./check-directory.ts";
import { checkClock, checkMemory, checkProcessor, checkRuntime } from "./check-machine.ts";
import { checkBroker, checkServer } from "./check-network.ts";
import { checkLock, checkModels, checkSpool, judgeState } from "./check-state.ts";
import type { Finding } from "./finding.ts";
import { failed, findingText, ok, skipped, verdictText, warning } from "./finding.ts";
import type { Patient } from "./patient.ts";

export interface DoctorCommandFlags extends ConfigFlags {
  readonly offline: boolean;
  readonly output: "text" | "json";
}

/** Looks at everything that the agent needs, changes nothing, and answers whether nothing has failed. Each finding is shown when it is made. */
export async function doctorCommand(flags: DoctorCommandFlags): Promise<boolean> {
  const config = await openConfig(flags);
  const findings: Finding[] = [];
  const isText = flags.output === "text";
  for await (const finding of examine(config, flags.offline, new AbortController().signal)) {
    findings.push(finding);
    if (isText) process.stdout.write(`${findingText(finding)}\n`);
  }
  const healthy = findings.every(({ verdict }) => verdict !== "failed");
  process.stdout.write(isText ? `\n${verdictText(findings)}\n` : `${JSON.stringify({ healthy, findings })}\n`);
  return healthy;
}

async function* examine(config: Patient["config"], offline: boolean, signal: AbortSignal): AsyncGenerator<Finding> {
  const { data } = config;
  const directory = await checkDirectory(data);
  yield* directory;
  if (directory.length === 1) return;

  let enrolment: Patient["enrolment"];
  try {
    enrolment = await loadEnrolment(data);
    yield enrolment === undefined
      ? failed("enrolment", "this device is not enrolled", "sedge-agent enrol --server ... --token ...")
      : ok("enrolment", `device ${enrolment.trust.device} of ${enrolment.server}`);
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    yield failed("enrolment", error.message, "enrol the device again with --force and a new token");
  }
  const holder = await lockHolder(data);
  const status = await askStatus(data).catch((error: unknown) => {
    if (error instanceof NoAgentError) return undefined;
    throw error;
  });
  const patient: Patient = { config, data, enrolment, stored: await readStoredState(data), holder, status };
  yield checkLock(patient);
  yield judgeState(patient.stored);
  yield* await checkModels(patient);
  yield await checkSpool(patient);
  yield await checkMemory(patient);
  yield await checkProcessor(enrolment?.hardware);
  yield await checkRuntime(patient, signal);
  yield* checkConnection(patient, offline, signal);
}

async function* checkConnection(patient: Patient, offline: boolean, signal: AbortSignal): AsyncGenerator<Finding> {
  const { enrolment, status, holder } = patient;
  if (offline || enrolment === undefined) {
    yield await checkClock(patient, undefined);
    yield skipped("network", offline ? "not asked for" : "the device has no control plane before it is enrolled");
    return;
  }
  const { findings, serverMs } = await checkServer(enrolment, signal);
  yield await checkClock(patient, serverMs);
  yield* findings;
  yield* eased(await checkBroker(enrolment, holder !== undefined, signal));
  if (status !== undefined)
    yield status.connected
      ? ok("connection", `the agent is connected; connections since it started: ${status.connections}`)
      : failed("connection", `the agent is not connected: ${status.connectionProblem}`, "see the findings above");
  if (status !== undefined && status.refusal !== "")
    yield failed("assignment", status.refusal, "the control plane must sign for this device: was it set up anew?");
}

/** One way to the broker that works is enough for the agent. */
function eased(findings: readonly Finding[]): readonly Finding[] {
  if (!findings.some(({ verdict }) => verdict === "ok")) return findings;
  return findings.map((finding) =>
    finding.verdict === "failed" ? warning(finding.check, finding.says, finding.advice ?? "") : finding,
  );
}
