import type { Command } from "commander";
import type { StatusReport } from "../../http/views.ts";
import { formatDuration } from "../duration.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { formatFacts } from "../table.ts";

const fullDisk =
  "full: nothing new is stored, reading works; make room on the disk of its data directory, and it goes on by itself";

export function addStatusCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("status")
    .description("the control plane and its fleet at a glance")
    .action(async (_options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const status = await (await session.connect()).status();
      session.show(status, () => formatFacts(facts(status), session.terminal.paint));
    });
}

function facts(status: StatusReport): readonly (readonly [string, string | undefined])[] {
  return [
    ["control plane", `${status.addresses.http}, version ${status.version}`],
    ["up for", formatDuration(status.nowMs - status.startedAtMs)],
    ["MQTT", status.addresses.mqttTcp],
    ["MQTT over WebSocket", status.addresses.mqttWebSocket],
    ["devices", formatCounts(status.devices)],
    ["model versions", String(status.modelVersions)],
    ["rollouts", formatCounts(status.rollouts)],
    ["open drift alerts", String(status.openAlerts)],
    ["disk", status.storageFull ? fullDisk : undefined],
  ];
}

function formatCounts(counts: Readonly<Record<string, number>>): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  return present.length === 0 ? "none" : present.map(([name, count]) => `${count} ${name}`).join(", ");
}
