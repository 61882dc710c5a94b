import { setMaxListeners } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { linkedAbort } from "../core/linked-abort.ts";
import type { Clock } from "../core/ports.ts";
import { seconds } from "../../proto/units.ts";
import type { FleetDevice } from "./fleet-file.ts";
import type { SimulatorLine } from "./line-protocol.ts";
import { parseCommand } from "./line-protocol.ts";
import type { FleetOptions, RunningDevice } from "./running-fleet.ts";
import { runDevice } from "./running-fleet.ts";

export interface SimulatorOptions extends FleetOptions {
  readonly fleet: readonly FleetDevice[];
  readonly commands: Readable;
  readonly output: Writable;
  readonly clock: Clock;
}

class StoppedError extends Error {
  override readonly name = "StoppedError";
}

const lookEveryMs = seconds(0.2);
/** Devices that enrol and open their stores at the same time. */
const startingAtOnce = 8;

/** Runs the fleet until `signal` is aborted, `stop` is asked for or `commands` ends; then every device stops in order. */
export async function runSimulator(options: SimulatorOptions, signal: AbortSignal): Promise<void> {
  using scope = linkedAbort(signal);
  // Every device listens to it: that many are no leak.
  setMaxListeners(0, scope.signal as EventTarget & AbortSignal);
  const fleet = new Fleet(options);
  const lines = createInterface({ input: options.commands });
  const stop = (why: string) => scope.abort(new StoppedError(why));
  lines.on("line", (line) => {
    if (line.trim() !== "") fleet.obey(line, stop);
  });
  lines.once("close", () => stop("the input was closed"));
  try {
    await Promise.race([fleet.run(scope.signal), fleet.watch(scope.signal)]);
  } catch (error) {
    if (!scope.signal.aborted) throw error;
  } finally {
    stop("the simulator stops");
    lines.close();
    await fleet.ended();
  }
}

class Fleet {
  readonly #options: SimulatorOptions;
  readonly #running = new Map<string, RunningDevice>();
  readonly #ends: Promise<void>[] = [];

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  /** Rejects when a device cannot be started, or with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    const { fleet } = this.#options;
    for (let i = 0; i < fleet.length; i += startingAtOnce)
      await Promise.all(fleet.slice(i, i + startingAtOnce).map((device) => this.#start(device, signal)));
    await Promise.all(this.#ends);
  }

  async ended(): Promise<void> {
    await Promise.allSettled(this.#ends);
  }

  /** Says when every device has connected once, and each change of what a device shows. */
  async watch(signal: AbortSignal): Promise<never> {
    const { fleet, clock } = this.#options;
    const said = new Map<string, string>();
    let isReady = false;
    for (;;) {
      for (const { id, agent } of this.#running.values()) {
        const line = statusLine(id, agent);
        const text = JSON.stringify(line);
        if (said.get(id) !== text) this.#say(line);
        said.set(id, text);
      }
      const connected = [...this.#running.values()].filter(({ agent }) => agent.status().connected);
      if (!isReady && connected.length === fleet.length) {
        isReady = true;
        this.#say({ kind: "ready", devices: fleet.map(({ id }) => id) });
      }
      await clock.sleep(lookEveryMs, signal);
    }
  }

  obey(line: string, stop: (why: string) => void): void {
    const command = parseCommand(line);
    if (!command.ok) return this.#say({ kind: "refused", problems: command.problems });
    switch (command.value.kind) {
      case "stop":
        return stop("it was asked to");
      case "disturb":
        return this.#disturb(command.value.devices, command.value.effect);
    }
  }

  #disturb(devices: readonly string[], effect: RunningDevice["camera"]["effect"]): void {
    const unknown = devices.filter((id) => !this.#running.has(id));
    if (unknown.length > 0) return this.#say({ kind: "refused", problems: [`no such device: ${unknown.join(", ")}`] });
    for (const id of devices) {
      const device = this.#running.get(id);
      if (device !== undefined) device.camera.effect = effect;
    }
    this.#say({ kind: "disturbed", devices, effect });
  }

  /** Resolves when the device runs. */
  #start(device: FleetDevice, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const started = (running: RunningDevice) => {
        this.#running.set(running.id, running);
        resolve();
      };
      const end = runDevice(device, this.#options, started, signal);
      end.catch(reject);
      this.#ends.push(end);
    });
  }

  #say(line: SimulatorLine): void {
    this.#options.output.write(`${JSON.stringify(line)}\n`);
  }
}

function statusLine(device: string, agent: RunningDevice["agent"]): SimulatorLine {
  const { connected, models } = agent.status();
  return {
    kind: "status",
    device,
    connected,
    models: models.map(({ model, serving, phase, failure }) => ({
      model,
      serving: serving?.version,
      phase,
      failure: failure && `${failure.kind}: ${failure.reason}`,
    })),
  };
}
