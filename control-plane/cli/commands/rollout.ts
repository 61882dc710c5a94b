import type { Command } from "commander";
import { Option } from "commander";
import type { Rollout, RolloutCommand } from "../../domain/rollout/rollout.ts";
import { readDuration, relativeTime } from "../duration.ts";
import { collect } from "../key-value.ts";
import { refuseEmptySelector } from "../refuse-empty-selector.ts";
import type { RolloutOptions } from "../rollout-options.ts";
import { rolloutRequest } from "../rollout-options.ts";
import { rolloutPicture } from "../rollout-picture.ts";
import { describePhase, describeSubject, phaseStyles } from "../rollout-summary.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { watchRollout } from "../watch-rollout.ts";

type StartOptions = RolloutOptions & {
  readonly allowNone?: boolean;
  readonly wait?: boolean;
  readonly timeout?: number;
};

/** A person looks at the last few; a program gets them all. */
const shownOnTerminal = 30;

/** What each command does to the devices: said before it is done. */
const commands: readonly {
  readonly name: string;
  readonly description: string;
  readonly make: (reason: string) => RolloutCommand;
}[] = [
  {
    name: "pause",
    description: "take in no further devices; those that have the new version keep it",
    make: (reason) => ({ kind: "pause", reason }),
  },
  {
    name: "abort",
    description:
      "end it where it is: no further device is told to take the version; those that were told keep it or still take it (in shadow they keep what answers)",
    make: (reason) => ({ kind: "abort", reason }),
  },
  {
    name: "rollback",
    description: "give every device back what it ran before, newest stage first",
    make: (reason) => ({ kind: "roll-back", reason }),
  },
];

export function addRolloutCommands(program: Command, surroundings: Surroundings): void {
  const rollout = program.command("rollout").description("bring a model version to the fleet, stage by stage");

  rollout
    .command("start <model@version>")
    .description("begin with the first stage; each next one starts when the gates of the one before pass")
    .option("--to <selector>", "which devices, such as: site=lyon and not canary=no (all when left out)")
    .option("--allow-none", "begin even while no device matches, and wait for one")
    .option("--stages <percents>", "cumulative shares of these devices, such as 5,25,100")
    .option(
      "--shadow <percent>",
      "begin in shadow: the devices of the first stage run the new version beside the one that answers, on so many of their inferences, such as 10%",
    )
    .option("--soak <duration>", "how long a stage must stay healthy, such as 30s or 2h")
    .option("--min-inferences <count>", "inferences of the new version that the gates of a stage need")
    .option("--evidence-timeout <duration>", "without enough evidence for so long the rollout pauses")
    .option("--device-soak <duration>", "how long each device tries the new version before it keeps it")
    .option("--device-timeout <duration>", "when a device that does not answer counts as failed")
    .option(
      "--gate <name=limit>",
      "max-failed-updates, max-error-rate, max-latency-ratio, max-output-drift, max-wrong-answers or, in shadow, max-disagreement; =off switches one off (repeatable)",
      collect,
    )
    .addOption(new Option("--on-failure <action>", "when a gate fails").choices(["roll-back", "pause"]))
    .option("--id <id>", "name of the rollout: starting it twice is starting it once")
    .option("--wait", "watch it to its end")
    .option("--timeout <duration>", "with --wait: how long at most", readDuration)
    .action(async (reference: string, options: StartOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const request = rolloutRequest(reference, options);
      const api = await session.connect();
      await refuseEmptySelector(api, request.selector, options.allowNone === true);
      const started = await api.startRollout(request);
      if (options.wait === true) {
        session.tell(`rollout ${started.id} started`);
        await watchRollout(session, api, started.id, options.timeout);
        return;
      }
      session.show(started, () => `${started.id}\n`);
      session.tell(`Watch it with: sedge rollout watch ${started.id}`);
    });

  rollout
    .command("list")
    .description("all rollouts, the newest last")
    .option("--all", `on a terminal too, where there are more than ${shownOnTerminal}`)
    .action(async (options: { all?: boolean }, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      const isAll = options.all === true || !session.terminal.isTTY;
      const newest = isAll ? undefined : await api.rolloutPage({ limit: shownOnTerminal });
      const rollouts = newest?.rollouts.toReversed() ?? (await api.rollouts());
      session.show({ rollouts }, () =>
        formatTable(
          rollouts,
          columns(session.now()),
          "no rollouts yet: `sedge rollout start MODEL@VERSION`",
          session.terminal.paint,
          session.terminal.width(),
        ),
      );
      if (newest?.next !== undefined)
        session.tell(`… these are the newest ${rollouts.length} (--all shows the older ones too)`);
    });

  rollout
    .command("show <rollout>")
    .description("its stages, gates and devices as they are now")
    .action(async (id: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const detail = await (await session.connect()).rollout(id);
      const { paint, columns } = session.terminal;
      session.show(detail, () => `${rolloutPicture(detail, session.now(), paint, columns()).join("\n")}\n`);
    });

  rollout
    .command("watch <rollout>")
    .description("follow it to its end (exit code 5 when that is not the new version everywhere)")
    .option("--timeout <duration>", "how long at most", readDuration)
    .action(async (id: string, options: { timeout?: number }, command: Command) => {
      const session = openSession(surroundings, command);
      await watchRollout(session, await session.connect(), id, options.timeout);
    });

  for (const { name, description, make } of commands)
    rollout
      .command(`${name} <rollout>`)
      .description(description)
      .option("--reason <text>", "why, for the others", "asked for on the command line")
      .action(async (id: string, options: { reason: string }, command: Command) => {
        const session = openSession(surroundings, command);
        const changed = await (await session.connect()).commandRollout(id, make(options.reason));
        session.show(changed, () => `${changed.id}: ${describePhase(changed)}\n`);
      });

  rollout
    .command("resume <rollout>")
    .description("go on where it was paused")
    .action(async (id: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const changed = await (await session.connect()).commandRollout(id, { kind: "resume" });
      session.show(changed, () => `${changed.id}: ${describePhase(changed)}\n`);
    });
}

function columns(now: number): readonly Column<Rollout>[] {
  return [
    { title: "ROLLOUT", cell: ({ id }) => id },
    { title: "WHAT", cell: ({ spec }) => describeSubject(spec) },
    { title: "TO", cell: ({ spec }) => spec.selector },
    { title: "STARTED", cell: ({ createdAtMs }) => relativeTime(createdAtMs, now), style: () => "dim" },
    { title: "STATE", cell: describePhase, style: ({ phase }) => phaseStyles[phase.kind] },
  ];
}
