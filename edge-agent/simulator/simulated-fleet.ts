import type { MemoryHub } from "../adapters/memory/memory-hub.ts";
import { seededRandom } from "../adapters/memory/seeded-random.ts";
import type { VirtualClock } from "../adapters/memory/virtual-clock.ts";
import type { Random } from "../core/ports.ts";
import { seconds } from "../../proto/units.ts";
import type { Fault, FaultPlan } from "./fault-plan.ts";
import { goodLink, linkFaults } from "./fault-plan.ts";
import type { SimulatedDevice } from "./simulated-device.ts";

export interface SimulatedFleetOptions {
  readonly clock: VirtualClock;
  readonly hub: MemoryHub;
  readonly devices: readonly SimulatedDevice[];
  readonly seed: number;
  /** What each device is asked in every step of time; it may fail, as a caller's request may. */
  readonly behaviour: (device: SimulatedDevice, random: Random) => Promise<unknown>;
}

const stepMs = seconds(1);

/**
 * Many agents, one thread, virtual time: a week of a fleet in seconds. Everything that happens follows from the seed and the
 * plan, so a run that went wrong goes wrong again.
 */
export class SimulatedFleet {
  readonly #options: SimulatedFleetOptions;
  readonly #random: Random;

  constructor(options: SimulatedFleetOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  start(): void {
    for (const device of this.#options.devices) device.start();
  }

  /** Lets time pass under a plan; afterwards the link is good, and every device is on and reachable. */
  async run(durationMs: number, plan: FaultPlan): Promise<void> {
    const { clock, hub, devices, behaviour } = this.#options;
    hub.faults = linkFaults(plan.link, this.#random);
    let happened = 0;
    for (let passed = 0; passed < durationMs; passed += stepMs) {
      for (
        let fault = plan.faults[happened];
        fault !== undefined && fault.atMs <= passed;
        fault = plan.faults[happened]
      ) {
        this.#happen(fault);
        happened++;
      }
      // What the device answers is not the fleet's business; that it may fail is part of the plan.
      for (const device of devices) void behaviour(device, this.#random).catch(() => undefined);
      await clock.advance(Math.min(stepMs, durationMs - passed));
    }
    hub.faults = linkFaults(goodLink, this.#random);
    for (const device of devices) hub.setReachable(device.id, true);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#options.devices.map((device) => device.stop()));
  }

  #happen(fault: Fault): void {
    const { devices, hub } = this.#options;
    const device = devices[fault.device];
    if (device === undefined) return;
    switch (fault.kind) {
      case "cut":
        return hub.cut(device.id);
      case "unreachable":
        return hub.setReachable(device.id, false);
      case "reachable":
        return hub.setReachable(device.id, true);
      case "crash":
        device.crash();
        return device.start();
    }
  }
}
