import { counted } from "../../domain/rollout/format-figure.ts";
import type { Command } from "commander";
import { Option } from "commander";
import type { TakenReason } from "../../../proto/telemetry-messages.ts";
import { takenReasons } from "../../../proto/telemetry-messages.ts";
import type { SampleView } from "../../http/views.ts";
import type { ApiClient, SampleFilter } from "../api-client.ts";
import { readDuration, relativeTime } from "../duration.ts";
import { usageError } from "../exit-codes.ts";
import type { Session, Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { formatSize } from "../sizes.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { addSampleRequest } from "./sample-request.ts";
import { addSampleSettings } from "./sample-settings.ts";

interface FilterOptions {
  readonly device?: string;
  readonly reason?: TakenReason;
  readonly request?: string;
  readonly since?: string;
}

interface ListOptions extends FilterOptions {
  readonly model?: string;
  readonly limit: number;
}

interface ExportOptions extends FilterOptions {
  readonly out: string;
  readonly limit: number;
}

export function addSampleCommands(program: Command, surroundings: Surroundings): void {
  const sample = program
    .command("sample")
    .description("real inferences that devices send back, chosen within a budget, sealed on the way");

  addSampleSettings(sample, surroundings);
  addSampleRequest(sample, surroundings);

  withFilters(sample.command("list").description("the samples that came, newest first"))
    .option("--model <model>", "only of this model")
    .option("--limit <count>", "how many", parseCount, 50)
    .action(async ({ model, limit, ...options }: ListOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const filter = { ...filterOf(options, session), ...(model !== undefined && { model }) };
      const samples = await newestSamples(await session.connect(), filter, limit);
      session.show({ samples }, () => formatTable(samples, columns(session.now()), noSamples, session.terminal.paint));
    });

  withFilters(
    sample
      .command("export <model>")
      .description("write samples as test_data_set_N directories, as --calibration and heldOut take them"),
  )
    .requiredOption("--out <directory>", "where to; made if it is not there")
    .option("--limit <count>", "how many, the newest first", parseCount, 1_000)
    .action(async (model: string, { out, limit, ...options }: ExportOptions, command: Command) => {
      const session = openSession(surroundings, command);
      // Loaded when needed: it brings the ONNX codec along.
      const { exportSamples } = await import("../export-samples.ts");
      const filter = { ...filterOf(options, session), model };
      const exported = await exportSamples(await session.connect(), filter, limit, out);
      session.show(exported, () =>
        exported.samples === 0 ? `${noSamples}\n` : `${counted(exported.samples, "sample")} in ${exported.directory}\n`,
      );
      if (exported.unreadable > 0)
        session.tell(`${counted(exported.unreadable, "sample")} could not be opened: sealed for another key`);
    });
}

const samplesAtOnce = 1_000;
const noSamples = "no samples: `sedge sample settings MODEL --on --rule '*=keep'` switches sampling on";

function withFilters(command: Command): Command {
  return command
    .option("--device <device>", "only from this device")
    .addOption(new Option("--reason <reason>", "only those taken for this reason").choices([...takenReasons]))
    .option("--request <request>", "only those that came for this request")
    .option("--since <duration>", "only those that came in the last 30m, 2h, 7d …");
}

/** Page by page, as the control plane gives them out. */
async function newestSamples(api: ApiClient, filter: SampleFilter, limit: number): Promise<readonly SampleView[]> {
  const samples: SampleView[] = [];
  while (samples.length < limit) {
    const last = samples.at(-1)?.id;
    const asked = Math.min(limit - samples.length, samplesAtOnce);
    const page = await api.samples({ ...filter, ...(last !== undefined && { beforeId: last }) }, asked);
    samples.push(...page);
    if (page.length < asked) break;
  }
  return samples;
}

function filterOf({ device, reason, request, since }: FilterOptions, session: Session): SampleFilter {
  return {
    ...(device !== undefined && { device }),
    ...(reason !== undefined && { reason }),
    ...(request !== undefined && { request }),
    ...(since !== undefined && { sinceMs: Math.max(0, session.now() - readDuration(since)) }),
  };
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1_000_000) return count;
  throw usageError(`"${text}" is not a number of samples, 1 to 1000000`);
}

function columns(now: number): readonly Column<SampleView>[] {
  return [
    { title: "DEVICE", cell: ({ device }) => device },
    { title: "MODEL", cell: ({ model, version }) => `${model}@${version}` },
    { title: "VARIANT", cell: ({ variant }) => variant },
    { title: "REASON", cell: ({ reason }) => reason },
    { title: "CHANCE", cell: ({ inclusionProbability }) => inclusionProbability.toPrecision(3), align: "right" },
    { title: "SIZE", cell: ({ bytes }) => formatSize(bytes), align: "right" },
    { title: "CAME", cell: ({ receivedAtMs }) => relativeTime(receivedAtMs, now), style: () => "dim" },
  ];
}
