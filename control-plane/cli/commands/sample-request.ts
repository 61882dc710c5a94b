import { counted } from "../../domain/rollout/format-figure.ts";
import type { Command } from "commander";
import { Option } from "commander";
import { parseSampleCondition } from "../../../proto/sample-condition.ts";
import { hours } from "../../../proto/units.ts";
import type { SampleRequestProgress } from "../../domain/sample-request.ts";
import { describeRequest } from "../../domain/sample-request.ts";
import { readDuration, relativeTime } from "../duration.ts";
import { usageError } from "../exit-codes.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";

interface RequestOptions {
  readonly to: string;
  readonly count: number;
  readonly total?: number;
  readonly where?: string;
  readonly for: number;
}

interface ListOptions {
  readonly model?: string;
  readonly all?: boolean;
}

export function addSampleRequest(sample: Command, surroundings: Surroundings): void {
  sample
    .command("request <model>")
    .description("ask for the next inferences of a model that is sampled, by its rules and within its bytes a day")
    .requiredOption("--to <selector>", "of which devices, such as: device=cam-1, site=lyon, or all")
    .option("--count <count>", "how many of each device at most", readCount, 10)
    .option("--total <count>", "how many of all of them together, whoever comes first", readCount)
    .option(
      "--where <condition>",
      "only inferences like these: class in (3, 8) and confidence < 0.6 and brightness outside 0.1..0.9; a feature or any is far-outside, stuck, not-finite or missing",
      readCondition,
    )
    .addOption(
      new Option("--for <duration>", "how long it may take at most").argParser(readDuration).default(hours(1), "1h"),
    )
    .action(async (model: string, { to, count, total, where, for: forMs }: RequestOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const api = await session.connect();
      const { request, devices } = await api.requestSamples(model, { selector: to, count, total, where, forMs });
      session.show({ request, devices }, () => {
        const whom = counted(devices, "device");
        const condition = where === undefined ? "" : ` where ${where}`;
        const inAll = total === undefined ? "" : `, ${total} in all`;
        return `request ${request.id}: the next ${count} of ${model}${condition} from each of ${whom}${inAll}; it ends ${relativeTime(request.untilMs, session.now())}\n`;
      });
      session.tell(
        devices === 0
          ? `No device that has ${model} matches "${to}" now; one that comes in time is asked then.`
          : `How it goes: sedge sample requests    What came: sedge sample list --request ${request.id}`,
      );
    });

  sample
    .command("requests")
    .description("what was asked for, and what came of it")
    .option("--model <model>", "only of this model")
    .option("--all", "those that have ended too")
    .action(async ({ model, all = false }: ListOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const requests = await (await session.connect()).sampleRequests({ model, all });
      session.show({ requests }, () =>
        formatTable(
          requests,
          columns(session.now()),
          nothingAsked(all),
          session.terminal.paint,
          session.terminal.width(),
        ),
      );
    });

  sample
    .command("cancel <request>")
    .description("end a request: devices stop at once, and what is on its way is not kept; what came stays")
    .action(async (id: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      const cancelled = await (await session.connect()).cancelSampleRequest(id);
      session.show(cancelled, () => `request ${id} is cancelled; ${cancelled.came} had come\n`);
    });
}

function nothingAsked(all: boolean): string {
  return all
    ? "nobody has asked: `sedge sample request MODEL --to device=cam-1`"
    : "no open request; --all shows those that have ended";
}

function columns(now: number): readonly Column<SampleRequestProgress>[] {
  return [
    { title: "REQUEST", cell: ({ id }) => id },
    { title: "CAME", cell: ({ came, total }) => (total === undefined ? String(came) : `${came} of ${total}`) },
    { title: "STATE", cell: (request) => stateOf(request, now) },
    { title: "ASKED FOR", cell: (request) => `${describeRequest(request)}; ${historyOf(request, now)}` },
  ];
}

/** Short, so that there is room for what was asked. */
function stateOf({ ended, untilMs }: SampleRequestProgress, now: number): string {
  if (ended !== undefined) return ended.by === undefined ? "complete" : "cancelled";
  return untilMs > now ? `open, ends ${relativeTime(untilMs, now)}` : "time over";
}

/** Example: "from 2 devices; asked 2h ago by anna, cancelled 5m ago by ben". */
function historyOf({ askedAtMs, askedBy, ended, untilMs, came, devices }: SampleRequestProgress, now: number): string {
  const from = came === 0 ? "" : `from ${counted(devices, "device")}; `;
  const asked = `${from}asked ${relativeTime(askedAtMs, now)} by ${askedBy}`;
  if (ended?.by !== undefined) return `${asked}, cancelled ${relativeTime(ended.atMs, now)} by ${ended.by}`;
  if (ended !== undefined) return `${asked}, complete ${relativeTime(ended.atMs, now)}`;
  return untilMs > now ? asked : `${asked}, ended ${relativeTime(untilMs, now)}`;
}

function readCount(text: string): number {
  if (/^\d{1,7}$/.test(text) && Number(text) >= 1) return Number(text);
  throw usageError(`"${text}" is not a number of samples`);
}

/** Said before anybody is asked; the control plane knows the names. */
function readCondition(text: string): string {
  const read = parseSampleCondition(text);
  if (read.ok) return text;
  throw usageError(`--where "${text}" cannot be read:\n${read.problems.map((problem) => `  ${problem}`).join("\n")}`);
}
