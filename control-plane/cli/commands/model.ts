import type { Command } from "commander";
import type { ModelSummary } from "../../http/views.ts";
import { relativeTime } from "../duration.ts";
import { modelPage } from "../model-page.ts";
import { parseModelReference } from "../model-reference.ts";
import { qualitySpan } from "../quality-text.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { showVersions } from "../show-versions.ts";
import { formatSize } from "../sizes.ts";
import type { Column } from "../table.ts";
import { formatTable } from "../table.ts";
import { addModelArchive } from "./model-archive.ts";
import { addModelCompare } from "./model-compare.ts";
import { addModelAlias } from "./model-alias.ts";
import { addModelDelta } from "./model-delta.ts";
import { addModelExport } from "./model-export.ts";
import { addModelImport } from "./model-import.ts";
import { addModelInspect } from "./model-inspect.ts";
import { addModelHistory } from "./model-history.ts";
import { addModelLineage } from "./model-lineage.ts";
import { addModelPack } from "./model-pack.ts";
import { addModelQuantize } from "./model-quantize.ts";
import { addModelVerify } from "./model-verify.ts";

export function addModelCommands(program: Command, surroundings: Surroundings): void {
  const model = program.command("model").description("model versions, packaged and signed");

  model
    .command("push <spec-or-directory>")
    .description(
      "package what the YAML file describes, sign it here, and store it in the control plane; or store a packed directory",
    )
    .option("--key <file>", "publisher key (PEM); else $SEDGE_PUBLISHER_KEY, else your own, which is made on first use")
    .option(
      "--base-version <parent>",
      "keep the scales of the parent version where they still fit, for smaller deltas: digits@1, a packed directory or a quantized file",
    )
    .action(async (spec: string, options: { key?: string; baseVersion?: string }, command: Command) => {
      // Loaded when needed: packaging brings the ONNX codec and the YAML reader along.
      const { pushModel } = await import("../push-model.ts");
      await pushModel(openSession(surroundings, command), spec, options.key, options.baseVersion);
    });

  model
    .command("list")
    .description("the model versions that are in use")
    .option("--all", "those in the archive too")
    .action(async ({ all }: { all?: boolean }, command: Command) => {
      const session = openSession(surroundings, command);
      const models = await (await session.connect()).models(all === true ? "all" : undefined);
      session.show({ models }, () =>
        formatTable(
          models,
          columns(session.now(), all === true),
          "no models yet: `sedge model push SPEC.yaml`",
          session.terminal.paint,
        ),
      );
    });

  model
    .command("show <model[@version]>")
    .description(
      "a version: what it takes and gives, its variants, and how they do on devices; or all versions of a model",
    )
    .action(async (reference: string, _options: object, command: Command) => {
      const session = openSession(surroundings, command);
      if (!reference.includes("@")) return showVersions(session, reference);
      const { model: name, version } = parseModelReference(reference);
      const api = await session.connect();
      const detail = await api.model(name, version);
      const onDevices = await api.measurements(name, detail.version);
      session.show({ ...detail, onDevices }, () => modelPage(detail, onDevices, session.now(), session.terminal.paint));
    });

  addModelInspect(model, surroundings);
  addModelCompare(model, surroundings);
  addModelQuantize(model, surroundings);
  addModelAlias(model, surroundings);
  addModelArchive(model, surroundings);
  addModelLineage(model, surroundings);
  addModelHistory(model, surroundings);
  addModelPack(model, surroundings);
  addModelVerify(model, surroundings);
  addModelExport(model, surroundings);
  addModelImport(model, surroundings);
  addModelDelta(model, surroundings);
}

function columns(now: number, withArchive: boolean): readonly Column<ModelSummary>[] {
  return [
    { title: "MODEL", cell: ({ model, version }) => `${model}@${version}` },
    {
      title: "VARIANTS",
      cell: ({ variants }) => (variants.length > 2 ? String(variants.length) : variants.map(({ id }) => id).join(", ")),
    },
    {
      title: "SIZE",
      cell: ({ variants }) => sizeSpan(variants.map(({ size }) => size)),
    },
    { title: "QUALITY", cell: ({ variants }) => qualitySpan(variants) },
    { title: "PUBLISHER", cell: ({ publisher }) => publisher },
    { title: "PUSHED", cell: ({ pushedAtMs }) => relativeTime(pushedAtMs, now), style: () => "dim" },
    ...(withArchive ? [archiveColumn(now)] : []),
  ];
}

/** From the smallest to the largest. Example: "22.8 kB – 83.1 kB". */
function sizeSpan(sizes: readonly number[]): string {
  const [least, most] = [formatSize(Math.min(...sizes)), formatSize(Math.max(...sizes))];
  return least === most ? least : `${least} – ${most}`;
}

function archiveColumn(now: number): Column<ModelSummary> {
  return {
    title: "ARCHIVED",
    cell: ({ archived }) => (archived === undefined ? "" : relativeTime(archived.atMs, now)),
    style: () => "dim",
  };
}
