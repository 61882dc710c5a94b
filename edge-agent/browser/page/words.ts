import type { AgentStatus, DeviceStatus, StorageFacts, TrialProgress } from "../start-agent.ts";

export interface Summary {
  readonly state: string;
  readonly tone: "good" | "busy" | "bad" | "quiet";
  /** What a person should know or do; "" for nothing. */
  readonly notice: string;
}

export function summaryOf(status: DeviceStatus, clearedDevice: string | undefined): Summary {
  switch (status.kind) {
    case "starting":
      return {
        state: "Starting",
        tone: "quiet",
        notice: status.waitsFor === "" ? "" : `The browser takes its time: ${status.waitsFor}.`,
      };
    case "stopped":
      return { state: "Stopped", tone: "quiet", notice: "" };
    case "other-tab":
      return {
        state: "Another tab",
        tone: "busy",
        notice: "Another tab of this browser is the device. This one takes over when that is closed.",
      };
    case "not-enrolled":
      return clearedDevice === undefined
        ? { state: "Not enrolled", tone: "quiet", notice: "" }
        : {
            state: "Cleared",
            tone: "bad",
            notice: `This was the device “${clearedDevice}”. The browser has cleared all that it had stored: enrol it again, under another name, and revoke the old one.`,
          };
    case "failed":
      return { state: "Not running", tone: "bad", notice: status.reason };
    case "running":
      return summaryOfAgent(status.agent);
  }
}

function summaryOfAgent({ connected, connections, models, refusal }: AgentStatus): Summary {
  const notice = refusal === "" ? "" : `An assignment was refused: ${refusal}`;
  if (refusal !== "") return { state: "Refused", tone: "bad", notice };
  if (models.some(({ phase }) => phase !== "idle")) return { state: "Updating", tone: "busy", notice };
  if (connected) return { state: "Connected", tone: "good", notice };
  return { state: connections <= 1 ? "Connecting" : "Offline", tone: connections <= 1 ? "quiet" : "busy", notice };
}

export function wordsOfConnection({ connected, connectionProblem, models }: AgentStatus): string {
  if (connected) return "connected";
  const goesOn = models.some(({ serving }) => serving !== undefined) ? " Models go on running." : "";
  return `not connected: ${connectionProblem}.${goesOn}`;
}

export function wordsOfSpool({ spool }: AgentStatus): string {
  const lanes = Object.values(spool);
  const records = lanes.reduce((sum, lane) => sum + lane.records, 0);
  const bytes = lanes.reduce((sum, lane) => sum + lane.bytes, 0);
  return records === 0 ? "nothing" : `${counted(records, "record")}, ${sizeInWords(bytes)}`;
}

export function wordsOfStorage(facts: StorageFacts | undefined): string {
  if (facts === undefined) return "not counted yet";
  const { persisted, usedBytes, quotaBytes } = facts;
  const promise = persisted ? "kept until you delete it" : "the browser may clear it when room is short";
  if (usedBytes === undefined || quotaBytes === undefined) return `how much, this browser does not tell; ${promise}`;
  return `${sizeInWords(usedBytes)} of ${sizeInWords(quotaBytes)}; ${promise}`;
}

/** What a version on trial waits for. `now` is when the progress was told, in ms of the time of day. */
export function wordsOfTrial(trial: TrialProgress, now: number): string {
  const { elapsedMs, durationMs, deadlineMs, inferences, minInferences } = trial;
  const at = (ms: number) =>
    new Date(now - elapsedMs + ms).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  if (inferences >= minInferences) return `It stays if it goes on doing well until ${at(durationMs)}.`;
  const answered = `It has answered ${inferences} of ${counted(minInferences, "request")}`;
  return `${answered}; if there are no more, it stays at ${at(deadlineMs)}, unless something goes wrong.`;
}

/** 1536 bytes are "1.5 KiB". */
export function sizeInWords(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const size = bytes / 1024 ** power;
  return `${size < 10 && power > 0 ? size.toFixed(1) : Math.round(size)} ${units[power]}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
