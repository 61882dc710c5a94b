import type { Command } from "commander";
import { silenceStream } from "../../domain/model-use.ts";
import type { DriftAlertRecord } from "../../application/telemetry-stores.ts";
import type { DriftRow } from "../../application/drift-watch.ts";
import { relativeTime } from "../duration.ts";
import { driftColumns } from "../drift-columns.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { formatTable } from "../table.ts";
import type { Paint } from "../terminal.ts";

interface ShowOptions {
  readonly model?: string;
  readonly scope?: string;
  readonly devices?: boolean;
}

const nothingJudged =
  "no stream was judged yet: that happens every 5 minutes (`sedge serve --drift-window` changes it), to streams with enough samples";
const nothingShown = "none of those that were judged; single devices are shown with --devices";

export function addDriftCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("drift")
    .description("how the fleet's inputs and outputs differ from the packaged reference")
    .command("show")
    .description("open alerts, and every stream as it was judged last")
    .option("--model <name[@version]>", "only this model")
    .option("--scope <scope>", "only this scope: fleet, site=lyon or a device")
    .option("--devices", "single devices too")
    .action(async (options: ShowOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      const [rows, open] = [await api.drift(), await api.driftAlerts("open")];
      const shown = rows.filter((row) => isAskedFor(row, options));
      session.show({ alerts: open, rows: shown }, () =>
        [
          ...open.map((alert) => describeAlert(alert, session.now(), session.terminal.paint)),
          open.length === 0 ? "" : "\n",
          formatTable(
            shown,
            driftColumns(session.now(), shown),
            rows.length === 0 ? nothingJudged : nothingShown,
            session.terminal.paint,
          ),
        ].join(""),
      );
    });
}

/** Without options: the fleet and its cohorts; devices one by one are many, and asked for. */
function isAskedFor(row: DriftRow, { model, scope, devices }: ShowOptions): boolean {
  if (model !== undefined && model !== row.model && model !== `${row.model}@${row.version}`) return false;
  if (scope !== undefined) return scope === row.scope;
  return devices === true || row.scopeKind !== "device";
}

function describeAlert(alert: DriftAlertRecord, now: number, paint: Paint): string {
  const what = alert.stream === silenceStream ? "silent" : "drift";
  const head = paint("red", `✗ ${what}  ${alert.model}@${alert.version}  ${alert.scope}  ${alert.stream}`);
  return `${head}  ${paint("dim", `since ${relativeTime(alert.openedAtMs, now)}`)}\n  ${alert.reason}\n`;
}
