import type { Command } from "commander";
import type { UpdatePhase } from "../../../proto/messages.ts";
import type { Device, Labels } from "../../domain/device.ts";
import { healthMarks } from "../../domain/health-marks.ts";
import type { Presence } from "../../domain/presence.ts";
import { describeConflict } from "../../domain/settings-conflicts.ts";
import type { LaneAccount } from "../../application/telemetry-stores.ts";
import type { DeviceDetail, DeviceLine, HealthView } from "../../http/views.ts";
import { addressForDevices } from "../device-address.ts";
import { readDuration, relativeTime } from "../duration.ts";
import { formatEvents } from "../event-lines.ts";
import { usageError } from "../exit-codes.ts";
import { clockText, healthLine, healthTable } from "../health-text.ts";
import { collect, parseKeyValue, parseLabelChanges } from "../key-value.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { addDeviceLogs } from "./device-logs.ts";
import { formatSize } from "../sizes.ts";
import type { Column } from "../table.ts";
import { formatFacts, formatTable } from "../table.ts";
import type { Paint, Style, Terminal } from "../terminal.ts";
import { trialLength } from "../trial-length.ts";

/** A person looks for one, or at a few; a program gets them all. */
const shownOnTerminal = 100;

export function addDeviceCommands(program: Command, surroundings: Surroundings): void {
  const device = program.command("device").description("devices of the fleet, and their way in");

  device
    .command("list")
    .description("all devices, or those that a selector names")
    .option("--selector <expression>", "such as: site=lyon and hardware in (cm4, cm5)")
    .option("--all", `on a terminal too, where there are more than ${shownOnTerminal}`)
    .action(async (options: { selector?: string; all?: boolean }, command: Command) => {
      const session = openSession(surroundings, command);
      const devices = await (await session.connect()).devices(options.selector);
      const empty =
        options.selector === undefined
          ? "no devices yet: `sedge device token` lets one in"
          : `no device matches ${options.selector}`;
      const shown = options.all === true || !session.terminal.isTTY ? devices : devices.slice(0, shownOnTerminal);
      session.show({ devices }, () => formatTable(shown, deviceColumns(session.now()), empty, session.terminal.paint));
      const more = devices.length - shown.length;
      if (more > 0) session.tell(`… ${more.toLocaleString("en")} more (--all, or --selector to choose)`);
    });

  device
    .command("show <device>")
    .description("what it is, what it has and should have, and what happened to it")
    .action(async (id: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const detail = await (await session.connect()).device(id);
      session.show(detail, () => describeDevice(detail, session.now(), session.terminal));
    });

  addDeviceLogs(device, surroundings);

  device
    .command("health <device>")
    .description("how the device was in its last quarter of an hour, and before")
    .option("--windows <n>", "how many windows of a quarter of an hour", readWindows, 24)
    .action(async (id: string, { windows }: { windows: number }, command: Command) => {
      const session = openSession(surroundings, command);
      const view = await (await session.connect()).deviceHealth(id, windows);
      session.show(view, () => describeHealth(view, session.now(), session.terminal.paint));
    });

  device
    .command("token")
    .description("a one-time token, and the line that enrols a device with it")
    .option("--label <key=value>", "label of the device that comes with it (repeatable)", collect)
    .option("--expires <duration>", "how long it may wait to be used", readDuration)
    .action(async (options: { label?: readonly string[]; expires?: number }, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      const made = await api.createEnrolmentToken({
        labels: Object.fromEntries((options.label ?? []).map(parseKeyValue)),
        ...(options.expires !== undefined && { expiresInMs: options.expires }),
      });
      const authority = made.serverAuthority === undefined ? "" : ` --server-ca sha256:${made.serverAuthority}`;
      const { server, advice } = addressForDevices(api.server, made.serverNames);
      const enrol = `sedge-agent enrol --server ${server} --token ${made.token}${authority}`;
      session.show({ ...made, server, enrol }, () => `${enrol}\n`);
      session.tell(
        `Run this on the device. The token works once, and expires ${relativeTime(made.expiresAtMs, session.now())}.`,
      );
      for (const sentence of advice) session.tell(sentence);
      // A device that trusts nobody could never accept a model: it is refused, and keeps its token.
      if ((await api.publishers()).length === 0)
        session.tell(
          "First push a model or run `sedge publisher add`: a device does not enrol where nobody publishes.",
        );
    });

  device
    .command("label <device> <labels...>")
    .description("set labels (site=lyon) or take them away (site-)")
    .action(async (id: string, labels: readonly string[], _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const changed = await (await session.connect()).changeLabels(id, parseLabelChanges(labels));
      session.show(changed, () => `${id} ${formatLabels(changed.labels)}\n`);
    });

  device
    .command("revoke <device>")
    .description("end its credential: it is disconnected and cannot come back without enrolling again")
    .action(async (id: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      await (await session.connect()).revokeDevice(id);
      session.show({ device: id, revoked: true }, () => `${id} is revoked\n`);
    });
}

function readWindows(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1_000) return Number(text);
  throw usageError(`"${text}" is not a number of windows from 1 to 1000`);
}

function deviceColumns(now: number): readonly Column<DeviceLine>[] {
  return [
    { title: "DEVICE", cell: ({ id }) => id },
    {
      title: "PRESENCE",
      cell: (device) => describePresence(device, now),
      style: (device) => presenceStyle(device),
    },
    { title: "RUNS", cell: ({ reported }) => formatRunning(reported) },
    {
      title: "HEALTH",
      cell: describeMarks,
      style: ({ marks, healthAtMs }) => (healthAtMs === undefined ? "dim" : marks.length === 0 ? "green" : "yellow"),
    },
    { title: "HARDWARE", cell: ({ hardware }) => hardware || "–" },
    { title: "LABELS", cell: ({ labels }) => formatLabels(labels) },
  ];
}

/** Examples: "ok", "hot, disk low", and "–" of a device that has not said yet how it is. */
function describeMarks({ marks, healthAtMs }: DeviceLine): string {
  return healthAtMs === undefined ? "–" : marks.join(", ") || "ok";
}

function describePresence({ revokedAtMs, presence }: Device, now: number): string {
  if (revokedAtMs !== undefined) return "revoked";
  return presence.kind === "offline" ? `offline ${relativeTime(presence.lastSeenMs, now)}` : presence.kind;
}

function presenceStyle({ revokedAtMs, presence }: Device): Style {
  const styles: Readonly<Record<Presence["kind"], Style>> = { online: "green", offline: "red", unknown: "yellow" };
  return revokedAtMs === undefined ? styles[presence.kind] : "dim";
}

/** What becomes of a candidate. One that stays verified waits for its maintenance window. */
const phaseWords: Readonly<Record<UpdatePhase, string>> = {
  idle: "at rest",
  fetching: "on its way",
  verified: "verified",
  preflight: "in rehearsal",
  trial: "on trial",
  shadow: "in shadow",
};

/** Example: `digits@2 int8, digits@3 on trial`. */
function formatRunning(reported: Device["reported"]): string {
  const running = (reported?.models ?? []).flatMap(({ model, active, candidate, phase }) => [
    ...(active === undefined ? [] : [`${model}@${active.version} ${active.variant}`]),
    ...(candidate === undefined ? [] : [`${model}@${candidate.version} ${phaseWords[phase]}`]),
  ]);
  return running.length === 0 ? "–" : running.join(", ");
}

/** Example: `digits@3 for 1m with 20 requests, or 10m with fewer`. */
function formatTrials({ reported, desired }: DeviceDetail): string | undefined {
  const trials = (reported?.models ?? []).flatMap(({ model, candidate, phase }) => {
    const wanted = desired?.models.find((one) => one.package === candidate?.package);
    return phase === "trial" && wanted ? [`${model}@${wanted.version} for ${trialLength(wanted.soak)}`] : [];
  });
  return trials.join(", ") || undefined;
}

/** Example: `base 2, night 3 (refused 4: maintenance.window: …)`. */
function formatSettings(reported: Device["reported"]): string | undefined {
  const held = (reported?.settings ?? []).map(({ name, version, refused }) => {
    const has = version === undefined ? name : `${name} ${version}`;
    return refused === undefined ? has : `${has} (refused ${refused.version}: ${refused.reason})`;
  });
  return held.length === 0 ? undefined : held.join(", ");
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? "–" : pairs.sort().join(" ");
}

/** Example: `1,204 records received, 12 dropped by the device, 3 lost in a restore`. */
function describeTelemetry(accounts: readonly LaneAccount[]): string {
  const sum = (of: "received" | "dropped" | "lost") =>
    accounts.reduce((total, account) => total + account[of], 0).toLocaleString("en-US");
  const conflicts = accounts.filter(({ conflictAtMs }) => conflictAtMs !== undefined);
  return [
    `${sum("received")} ${sum("received") === "1" ? "record" : "records"} received`,
    ...(sum("dropped") === "0" ? [] : [`${sum("dropped")} dropped by the device`]),
    ...(sum("lost") === "0" ? [] : [`${sum("lost")} lost in a restore`]),
    ...(conflicts.length === 0 ? [] : ["its disk was copied or set back"]),
  ].join(", ");
}

function describeHealth({ windows, clockOffsetMs }: HealthView, now: number, paint: Paint): string {
  const [latest, ...before] = windows;
  if (latest === undefined) return "nothing yet: a device tells how it is four times an hour\n";
  const clock = clockText(clockOffsetMs);
  const history = before.map((window) => `${healthLine(window, now)}\n`).join("");
  return [
    healthTable(latest, paint),
    `\n${relativeTime(latest.receivedAtMs, now)}; ${healthMarks(latest.measures).join(", ") || "ok"}\n`,
    ...(clock === undefined ? [] : [`clock: ${clock}\n`]),
    ...(history === "" ? [] : [`\n${paint("dim", "before")}\n${history}`]),
  ].join("");
}

function describeDevice(device: DeviceDetail, now: number, { paint, width }: Terminal): string {
  const { profile, reported, desired, presence } = device;
  const facts = formatFacts(
    [
      ["device", device.id],
      ["presence", describePresence(device, now)],
      ["last seen", presence.kind === "unknown" ? undefined : relativeTime(presence.lastSeenMs, now)],
      ["enrolled", relativeTime(device.enrolledAtMs, now)],
      ["labels", formatLabels(device.labels)],
      ["hardware", device.hardware || undefined],
      ["profile", profile && `${profile.architecture} ${profile.operatingSystem}, ${formatSize(profile.memoryBytes)}`],
      ["runtimes", profile?.runtimes.map(({ name, version }) => `${name} ${version}`).join(", ")],
      ["agent", device.agentVersion],
      [
        "should run",
        desired?.models.map(({ model, version }) => `${model}@${version}`).join(", ") || (desired && "nothing"),
      ],
      ["runs", formatRunning(reported)],
      ["on trial", formatTrials(device)],
      ["settings", formatSettings(reported)],
      ...device.settingsConflicts.map((conflict): [string, string] => ["undecided", describeConflict(conflict)]),
      ["refused", reported?.refusal || undefined],
      ["health", device.health && healthLine(device.health, now)],
      ["clock", clockText(device.clockOffsetMs)],
      ["telemetry", device.telemetry.length === 0 ? undefined : describeTelemetry(device.telemetry)],
      ...(reported?.models ?? []).flatMap(({ model, failure }): [string, string][] =>
        failure === undefined ? [] : [[`last ${failure.kind}`, `${model}: ${failure.reason}`]],
      ),
      ...(reported?.models ?? []).flatMap(({ model, active, factory }): [string, string][] =>
        factory === undefined
          ? []
          : [["came with", `${model}@${factory.version}${active === undefined ? ", which it falls back on now" : ""}`]],
      ),
      ...(reported?.models ?? []).flatMap(({ model, quarantined = [] }) =>
        quarantined.map(({ variant, reason }): [string, string] => ["quarantined", `${model} ${variant}: ${reason}`]),
      ),
    ],
    paint,
  );
  return device.events.length === 0 ? facts : `${facts}\n${formatEvents(device.events, paint, width())}`;
}
