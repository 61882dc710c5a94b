import { stat } from "node:fs/promises";
import type { ModelState, Slot } from "../core/agent-state.ts";
import type { Quarantined } from "../core/quarantine.ts";
import type { UpdateFailure, UpdatePhase } from "../../proto/messages.ts";
import type { FileStore } from "../core/ports.ts";
import { factoryPackageOf, withFactoryModels } from "../core/factory.ts";
import type { Factory } from "../core/factory-port.ts";
import { openDeviceFiles } from "./device-files.ts";
import { openConfig } from "./command-config.ts";
import type { ConfigFlags } from "./config-sources.ts";
import { sizeText, wrapped } from "./console-text.ts";
import { NoAgentError } from "./exit-codes.ts";
import { askStatus } from "./running-agent.ts";
import { readStoredState } from "./stored-state.ts";

export interface ModelsCommandFlags extends ConfigFlags {
  readonly output: "text" | "json";
}

export interface StoredModel {
  readonly model: string;
  readonly phase: UpdatePhase;
  /** Of the present preflight, shadow or trial; undefined in the other phases. */
  readonly attempt: number | undefined;
  readonly slots: readonly StoredModelSlot[];
  readonly failure: UpdateFailure | undefined;
  readonly quarantined: readonly Quarantined[];
  /** What answers requests now; undefined when nothing does, or when no agent runs. */
  readonly serving: { readonly version: string; readonly variant: string } | undefined;
}

export interface StoredModelSlot {
  readonly place: "active" | "candidate" | "previous" | "factory";
  readonly version: string;
  readonly package: string;
  /** Undefined before the manifest of a candidate is there. */
  readonly variant: string | undefined;
  readonly file: string | undefined;
  /** Of the model file; undefined when it is not on the device. */
  readonly bytes: number | undefined;
}

/** The models as they are stored, so that it works while the agent is down; what answers now is asked of the agent if it runs. */
export async function modelsCommand(flags: ModelsCommandFlags): Promise<void> {
  const config = await openConfig(flags);
  const { data } = config;
  const { state } = await readStoredState(data);
  const { files, factory } = await openDeviceFiles(config);
  const status = await askStatus(data).catch((error: unknown) => {
    if (error instanceof NoAgentError) return undefined;
    throw error;
  });
  const models = await Promise.all(
    withFactoryModels(state?.models ?? [], factory).map(async (model) => ({
      ...(await storedModel(files, factory, model)),
      serving: status?.models.find((one) => one.model === model.model)?.serving,
    })),
  );
  const running = status !== undefined;
  if (flags.output === "json") process.stdout.write(`${JSON.stringify({ running, models })}\n`);
  else process.stdout.write(modelsText(models, running));
}

async function storedModel(
  files: FileStore,
  factory: Factory,
  state: ModelState,
): Promise<Omit<StoredModel, "serving">> {
  const { model, active, candidate, previous, failure, quarantined } = state;
  const stage = candidate?.stage;
  const built = factoryPackageOf(factory, model);
  const slots = [
    active && (await storedSlot(files, "active", active)),
    candidate && (stage === undefined || stage.kind === "fetching")
      ? { place: "candidate" as const, ...unknownSlot, version: candidate.version, package: candidate.package }
      : stage !== undefined && "slot" in stage && (await storedSlot(files, "candidate", stage.slot)),
    previous && (await storedSlot(files, "previous", previous)),
    built && { place: "factory" as const, ...unknownSlot, version: built.version, package: built.package },
  ].filter((slot): slot is StoredModelSlot => typeof slot === "object");
  const attempt = stage !== undefined && "attempt" in stage ? stage.attempt : undefined;
  return { model, phase: stage?.kind ?? "idle", attempt, slots, failure, quarantined };
}

const unknownSlot = { variant: undefined, file: undefined, bytes: undefined } as const;

async function storedSlot(files: FileStore, place: StoredModelSlot["place"], slot: Slot): Promise<StoredModelSlot> {
  const { version, variant, file } = slot;
  const bytes = await stat(files.locate(file)).then(
    ({ size }) => size,
    () => undefined,
  );
  return { place, version, package: slot.package, variant, file, bytes };
}

export function modelsText(models: readonly StoredModel[], running: boolean): string {
  if (models.length === 0) return "this device has no model\n";
  const note = running ? [] : ["no agent runs here; this is what is stored", ""];
  return `${[...note, ...models.flatMap((model) => modelLines(model, running))].join("\n")}\n`;
}

function modelLines(model: StoredModel, running: boolean): readonly string[] {
  const { serving, failure, attempt } = model;
  const answers = serving === undefined ? "not answering" : `answering with ${serving.version} (${serving.variant})`;
  const phase = `${model.phase}${attempt === undefined ? "" : `, attempt ${attempt}`}`;
  return [
    ...wrapped(`${model.model}: `, running ? `${phase}; ${answers}` : phase),
    ...model.slots.flatMap((slot) => wrapped(`  ${slot.place.padEnd(10)} `, slotText(slot))),
    ...(failure === undefined
      ? []
      : wrapped(`  ${failure.kind.padEnd(10)} `, `${failure.package.slice(7, 19)}: ${failure.reason}`)),
    ...model.quarantined.flatMap((one) =>
      wrapped("  quarantined ", `${one.variant} of package ${one.package.slice(7, 19)}: ${one.reason}`),
    ),
  ];
}

function slotText({ place, version, variant, bytes, package: digest }: StoredModelSlot): string {
  const about = `package ${digest.slice(7, 19)}`;
  if (place === "factory") return `${version}, ${about}, came with this device`;
  if (variant === undefined) return `${version}, ${about}, on its way`;
  return `${version} (${variant}), ${bytes === undefined ? "ITS FILE IS MISSING" : sizeText(bytes)}, ${about}`;
}
