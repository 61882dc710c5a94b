import type { Command } from "commander";
import { Option } from "commander";
import { settingKeys } from "../../../proto/device-settings.ts";
import type { SettingsBegun, SettingsRemoval } from "../../application/device-settings.ts";
import type { SettingsVersion } from "../../domain/settings-version.ts";
import type { ApiClient } from "../api-client.ts";
import { readDuration, relativeTime } from "../duration.ts";
import { usageError } from "../exit-codes.ts";
import { parseLabelChanges } from "../key-value.ts";
import { refuseEmptySelector } from "../refuse-empty-selector.ts";
import { parsePercents, withoutUndefined } from "../rollout-options.ts";
import type { Session, Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { describeValues, settingsPage } from "../settings-page.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { watchRollout } from "../watch-rollout.ts";

interface StagingOptions {
  readonly stages?: string;
  readonly soak?: number;
  readonly deviceTimeout?: number;
  readonly onFailure?: "pause" | "roll-back";
  readonly comment?: string;
  readonly id?: string;
  readonly wait?: boolean;
  readonly timeout?: number;
}

interface SetOptions extends StagingOptions {
  readonly to?: string;
  readonly priority?: string;
  readonly allowNone?: boolean;
}

export function addSettingsCommands(program: Command, surroundings: Surroundings): void {
  const settings = program
    .command("settings")
    .description("settings of devices: made here in versions, and brought to the devices stage by stage");

  staged(settings.command("set <name> <values...>"))
    .description(
      `make the next version and begin its rollout: KEY=VALUE sets, KEY- takes away, all else stays; ${settingKeys.join(", ")}`,
    )
    .option("--to <selector>", "which devices, such as: site=lyon (as before, or all, when left out)")
    .option("--allow-none", "begin even while no device matches, and wait for one")
    .option("--priority <number>", "where two settings of a device differ, the higher number counts (0 when left out)")
    .action(async (name: string, values: readonly string[], options: SetOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      await refuseEmptySelector(api, options.to, options.allowNone === true);
      const change = {
        ...(await removalOf(api, name, options)),
        values: parseLabelChanges(values),
        ...withoutUndefined({ selector: options.to, priority: priorityOf(options.priority) }),
      };
      await showBegun(session, api, await api.changeSettings(name, change), options);
    });

  settings
    .command("list")
    .description("all settings, each in its newest version")
    .action(async (_options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const all = await (await session.connect()).settings();
      session.show({ settings: all }, () =>
        formatTable(
          all.filter(({ values }) => values.length > 0),
          columns(session.now()),
          "no settings yet: `sedge settings set NAME KEY=VALUE …`",
          session.terminal.paint,
        ),
      );
    });

  settings
    .command("show <name>")
    .description("its versions, and which of them the devices hold")
    .action(async (name: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const history = await (await session.connect()).settingsHistory(name);
      session.show(history, () => settingsPage(name, history, session.now(), session.terminal.paint));
    });

  staged(settings.command("remove <name>"))
    .description("relieve the devices of these settings, stage by stage; the history of versions stays")
    .action(async (name: string, options: StagingOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      await showBegun(session, api, await api.removeSettings(name, await removalOf(api, name, options)), options);
    });
}

function staged(command: Command): Command {
  return command
    .option("--stages <percents>", "cumulative shares of the devices, such as 5,25,100")
    .option("--soak <duration>", "how long a stage must stay well, such as 30s or 2h (1m)", readDuration)
    .option("--device-timeout <duration>", "when a device that does not answer counts as failed (1h)", readDuration)
    .addOption(new Option("--on-failure <action>", "when a stage does not do well").choices(["roll-back", "pause"]))
    .option("--comment <text>", "why, for the others")
    .option("--id <id>", "name of the rollout")
    .option("--wait", "watch the rollout to its end")
    .option("--timeout <duration>", "with --wait: how long at most", readDuration);
}

async function removalOf(api: ApiClient, name: string, options: StagingOptions): Promise<SettingsRemoval> {
  const known = (await api.settings()).find((one) => one.name === name);
  const { stages, soak, deviceTimeout, onFailure, comment, id } = options;
  const soaked = soak === undefined ? {} : { soakMs: soak };
  const percents = stages ?? (soak === undefined ? undefined : "5,25,100");
  const rollout = withoutUndefined({
    id,
    stages: percents === undefined ? undefined : parsePercents(percents).map((percent) => ({ percent, ...soaked })),
    onFailure,
    deviceTimeoutMs: deviceTimeout,
  });
  return { after: known?.version ?? 0, rollout, ...withoutUndefined({ comment }) };
}

function priorityOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d{1,4}$/.test(text)) throw usageError(`"${text}" is not a whole number`);
  return Number(text);
}

async function showBegun(
  session: Session,
  api: ApiClient,
  begun: SettingsBegun,
  { wait, timeout }: StagingOptions,
): Promise<void> {
  const { settings, rollout, unchanged } = begun;
  if (unchanged === true) session.tell(`Settings ${settings.name} ${settings.version} say the same already.`);
  if (wait === true) {
    if (unchanged !== true)
      session.tell(`settings ${settings.name} ${settings.version}: rollout ${rollout.id} started`);
    await watchRollout(session, api, rollout.id, timeout);
    return;
  }
  session.show(begun, () => `${rollout.id}\n`);
  if (unchanged === true) return;
  session.tell(
    `Settings ${settings.name} ${settings.version} are on their way; watch them with: sedge rollout watch ${rollout.id}`,
  );
}

function columns(now: number): readonly Column<SettingsVersion>[] {
  return [
    { title: "SETTINGS", cell: ({ name }) => name },
    { title: "VERSION", cell: ({ version }) => String(version), align: "right" },
    { title: "TO", cell: ({ selector }) => selector },
    { title: "PRIORITY", cell: ({ priority }) => String(priority), align: "right" },
    { title: "VALUES", cell: ({ values }) => describeValues(values) },
    {
      title: "MADE",
      cell: ({ createdAtMs, createdBy }) => `${relativeTime(createdAtMs, now)} by ${createdBy}`,
      style: () => "dim",
    },
  ];
}
