import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { openFileSpool } from "../../edge-agent/adapters/node/file-spool.ts";
import { openFileStore } from "../../edge-agent/adapters/node/file-store.ts";
import { systemRandom } from "../../edge-agent/adapters/node/system-random.ts";
import type { DeltaService } from "../../control-plane/application/delta-service.ts";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import { seconds } from "../../proto/units.ts";
import { silentLog } from "../support/agent-world.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilAnswering, untilServing } from "../support/end-to-end-agent.ts";
import type { DigitsVersion, EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout } from "../support/end-to-end-control.ts";
import { eventually, until } from "../support/end-to-end-waiting.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import type { Injection, TracedAgent, TracedCall } from "./traced-agent.ts";
import { injectedActions, numbersIn, optionsOf, startTraced, tracedCalls } from "./traced-agent.ts";

/**
 * One device with a real control plane goes from version to version, each time with a download. In each of these updates strace kills
 * the agent at one system call on its data, or lets that call fail. Then the agent is started again, unharmed: it must have a model at
 * once, come to the end of the update, and have lost nothing that it had acknowledged or stored.
 */
export interface TracedUpdates {
  readonly injected: number;
  /** Updates that came to their end without that call. */
  readonly notHit: number;
  readonly broken: readonly string[];
}

export interface TracedUpdatesOptions {
  /** Every so-manieth of the calls on the agent's data. */
  readonly every: number;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
  /** A module, built, that spoils the agent: that the search notices it shows that it can. */
  readonly preload?: string;
  /** Only these; all unless given. */
  readonly only?: (injection: Injection) => boolean;
  /** No more injections than that. */
  readonly most?: number;
  /** Ends the search after so many findings. */
  readonly enough?: number;
}

const versions: readonly DigitsVersion[] = ["1", "2", "3"];
const id = parseDeviceId("traced");
/** An agent that neither comes to the end nor ends itself is stopped then: an error may have cost it a step that it tries again later. */
const longestMs = seconds(12);

/** One search after the other, all with the same device. */
export async function traceUpdates<const Searches extends readonly TracedUpdatesOptions[]>(
  ...searches: Searches
): Promise<{ readonly [K in keyof Searches]: TracedUpdates }> {
  await using directory = await temporaryDirectory();
  await using plane = await startTestControlPlane({ "telemetry.window": "300ms" });
  const device = await TracedDevice.install(plane, directory.path);
  await using _agent = device.agent;
  const numbers = await device.lookAtAnUpdate();
  const done: TracedUpdates[] = [];
  for (const options of searches) done.push(await search(device, numbers, options));
  return done as { readonly [K in keyof Searches]: TracedUpdates };
}

async function search(
  device: TracedDevice,
  numbers: ReadonlyMap<TracedCall, readonly number[]>,
  options: TracedUpdatesOptions,
): Promise<TracedUpdates> {
  const { every, tell, signal } = options;
  const planned = plannedInjections(numbers, every)
    .filter(options.only ?? (() => true))
    .slice(0, options.most);
  tell(`${planned.length} injections are planned, every ${every}. call on the agent's data`);
  const broken: string[] = [];
  let [injected, notHit] = [0, 0];
  for (const injection of planned) {
    if (signal.aborted || broken.length >= (options.enough ?? Number.POSITIVE_INFINITY)) break;
    const { call, action, number } = injection;
    const { wasHit, found } = await device.updateWith(injection, options.preload);
    if (wasHit) injected++;
    else notHit++;
    broken.push(...found.map((one) => `${call} ${number}, ${action}: ${one}`));
    tell(`${call} ${number}, ${action}: ${wasHit ? "hit" : "not hit"}, ${found.length} findings`);
  }
  return { injected, notHit, broken };
}

/** Every n-th call of each kind, with each action. */
function plannedInjections(numbers: ReadonlyMap<TracedCall, readonly number[]>, every: number): readonly Injection[] {
  return tracedCalls.flatMap((call) =>
    injectedActions.flatMap((action, i) =>
      // Another offset for each action: together they see more of the calls.
      (numbers.get(call) ?? [])
        .filter((_, at) => at % every === Math.floor((i * every) / injectedActions.length))
        .map((number) => ({ call, action, number })),
    ),
  );
}

/** In the agent's own log: what the rollout remembers of a device that it has taken back is that. */
function saysNoSpace(log: string): boolean {
  return /"event":"(rejected|failed)","reason":"no space/.test(log);
}

interface Kept {
  readonly epoch: string;
  readonly next: readonly number[];
  readonly generation: number;
}

class TracedDevice {
  readonly agent: EndToEndAgent;
  readonly #control: EndToEndControl;
  readonly #deltas: Pick<DeltaService, "answer">;
  readonly #packages: ReadonlyMap<DigitsVersion, ModelPackage>;
  #version = 0;
  #rollout = "";

  private constructor(
    agent: EndToEndAgent,
    control: EndToEndControl,
    deltas: Pick<DeltaService, "answer">,
    packages: ReadonlyMap<DigitsVersion, ModelPackage>,
  ) {
    this.agent = agent;
    this.#control = control;
    this.#deltas = deltas;
    this.#packages = packages;
  }

  /** With version 1, and stopped. */
  static async install(plane: TestControlPlane, directory: string): Promise<TracedDevice> {
    const control = await operate(plane, directory);
    const packages = new Map<DigitsVersion, ModelPackage>();
    for (const version of versions) packages.set(version, await control.push(version));
    const agent = await startAgent(control, { id, data: join(directory, id), labels: { traced: "yes" } });
    const device = new TracedDevice(agent, control, plane.controlPlane.services.deltas, packages);
    await device.#rollOutNext();
    await untilServing(agent, device.#wanted);
    await device.#untilRolloutEnds();
    await device.#stop();
    return device;
  }

  /** An update in which nothing is injected: which calls there are. */
  async lookAtAnUpdate(): Promise<ReadonlyMap<TracedCall, readonly number[]>> {
    await this.#rollOutNext();
    const file = `${this.agent.data}.trace`;
    const traced = this.#startTraced(["--seccomp-bpf", "-y", "-e", `trace=${tracedCalls.join(",")}`, "-o", file]);
    await until("an update came to its end under strace", () => this.#isSettledOn(this.#wanted));
    await this.#untilRolloutEnds();
    await traced.signal("SIGTERM");
    await traced.ended;
    return numbersIn(await readFile(file, "utf8"), this.agent.data);
  }

  async updateWith(
    injection: Injection,
    preload: string | undefined,
  ): Promise<{ readonly wasHit: boolean; readonly found: readonly string[] }> {
    const before = await this.#kept();
    const from = this.#active() ?? "nothing";
    await this.#rollOutNext();
    const traced = this.#startTraced(optionsOf(injection), preload);
    let hasEnded = false;
    const ended = traced.ended.then(() => (hasEnded = true));
    await eventually(
      "it has come to the end of the update, or ended",
      () => hasEnded || this.#isSettledOn(this.#wanted) || undefined,
      {
        withinMs: longestMs,
      },
    ).catch(() => undefined);
    await traced.signal("SIGTERM");
    const killing = setTimeout(() => void traced.signal("SIGKILL"), seconds(10));
    await ended;
    clearTimeout(killing);
    const found = [...(await this.#brokenOnDisk(before)), ...(await this.#liveOn(from, traced))];
    return { wasHit: traced.wasHit(), found };
  }

  get #wanted(): DigitsVersion {
    return versions[(this.#version + versions.length - 1) % versions.length] as DigitsVersion;
  }

  async #rollOutNext(): Promise<void> {
    this.#version++;
    const { api } = this.#control;
    this.#rollout = (await api.startRollout(quickRollout(this.#wanted, { selector: "traced=yes" }))).id;
    await this.#untilDeltaIsMade();
  }

  /** Otherwise the device would ask for it every two seconds, and most of its update would be waiting. Where there is none it goes without. */
  async #untilDeltaIsMade(): Promise<void> {
    const active = this.agent.saved()?.models[0]?.active;
    const variants = this.#packages.get(this.#wanted)?.manifest.variants;
    const target = variants?.find((variant) => variant.id === active?.variant)?.file.digest;
    if (active === undefined || target === undefined || target === active.file) return;
    const isReady = async () => (await this.#deltas.answer(id, active.file, target)).kind === "ready";
    await until(`the delta from ${active.version} to ${this.#wanted} is made`, isReady, seconds(10)).catch(
      () => undefined,
    );
  }

  /** The control plane has heard how it ended; answers why it did not succeed, or "". */
  async #untilRolloutEnds(): Promise<string> {
    return await eventually("the rollout ends", async () => {
      const { phase } = await this.#control.api.rollout(this.#rollout);
      if (phase.kind === "rolled-back" || phase.kind === "aborted") return phase.reason;
      return phase.kind === "complete" ? "" : undefined;
    });
  }

  #startTraced(options: readonly string[], preload?: string) {
    const { data } = this.agent;
    const environment = preload === undefined ? {} : { NODE_OPTIONS: `--import ${preload}` };
    return startTraced(options, ["run", "--data", data, "--config", join(data, "agent.json")], environment);
  }

  #active(): string | undefined {
    return this.agent.saved()?.models[0]?.active?.version;
  }

  #isSettledOn(version: string): boolean {
    const model = this.agent.saved()?.models[0];
    return model?.active?.version === version && model.candidate === undefined;
  }

  /** The unharmed agent on what the other has left. */
  async #liveOn(from: string, harmed: TracedAgent): Promise<readonly string[]> {
    const { agent } = this;
    await rm(join(agent.data, "local-endpoint.json"), { force: true });
    agent.start();
    try {
      await untilAnswering(agent, [from, this.#wanted]);
      const failure = await this.#untilRolloutEnds();
      const expected = failure === "" ? this.#wanted : from;
      await until(`${expected} is active and nothing goes on`, () => this.#isSettledOn(expected));
      await untilAnswering(agent, [expected]);
      await this.#stop();
      // A full disk may be the end of an update: then it says so.
      const hasSaidSo = saysNoSpace(harmed.log()) || saysNoSpace(agent.process().complaint());
      return failure === "" || hasSaidSo ? [] : [`the update failed: ${failure}`];
    } catch (error) {
      const log = agent.process().complaint().slice(-1_000);
      await agent.kill();
      return [`${error instanceof Error ? error.message : String(error)}: ${log}`];
    }
  }

  async #stop(): Promise<void> {
    this.agent.process().signal("SIGTERM");
    await this.agent.process().exit;
  }

  async #kept(): Promise<Kept> {
    const random = systemRandom;
    await using spool = await openFileSpool({ directory: join(this.agent.data, "spool"), random, log: silentLog });
    return {
      epoch: spool.epoch,
      next: lanes.map((lane) => spool.extent(lane).next),
      generation: this.agent.saved()?.assignment?.generation ?? 0,
    };
  }

  /** Before the agent can mend anything. */
  async #brokenOnDisk(before: Kept): Promise<readonly string[]> {
    const broken: string[] = [];
    const after = await this.#kept();
    if (after.epoch !== before.epoch) broken.push("the spool has begun anew");
    for (const [i, lane] of lanes.entries())
      if ((after.next[i] ?? 0) < (before.next[i] ?? 0))
        broken.push(`${lane}: the next number is ${after.next[i]}, and was ${before.next[i]}`);
    if (after.generation < before.generation)
      broken.push(`assignment ${after.generation} is there, and ${before.generation} was accepted`);
    const files = await openFileStore({ directory: this.agent.data });
    for (const digest of await files.list())
      if (await files.has(digest))
        await files
          .verify(digest)
          .catch((error: unknown) => broken.push(error instanceof Error ? error.message : `${digest} cannot be read`));
    return broken;
  }
}
