import type { AgentState } from "./agent-state.ts";
import type { EffectiveSettings, Pins } from "./effective-settings.ts";
import { effectiveSettings, noPins } from "./effective-settings.ts";
import type { FlooredClock } from "./floored-clock.ts";
import type { Maintenance } from "./maintenance.ts";
import { maintenanceAt } from "./maintenance.ts";

export interface SettingsInForceOptions {
  /** What the owner of the device fixed. */
  readonly pins: Pins | undefined;
  readonly clock: Pick<FlooredClock, "now" | "monotonic" | "trust">;
  /** What the device's time zone is ahead of UTC at a moment; UTC where it is not said. */
  readonly utcOffsetMs: ((atMs: number) => number) | undefined;
  /** Called when something is set otherwise than what the pins and the defaults say, and whenever that changes. */
  readonly onChange: (settings: EffectiveSettings) => void;
}

/** What is set on the device now, by its owner, the centre or default, and what follows from it for the moment. */
export class SettingsInForce {
  readonly pins: Pins;
  readonly #options: SettingsInForceOptions;
  #values: EffectiveSettings;

  constructor(options: SettingsInForceOptions) {
    this.#options = options;
    this.pins = options.pins ?? noPins;
    this.#values = effectiveSettings(this.pins, [], 0);
  }

  get values(): EffectiveSettings {
    return this.#values;
  }

  apply({ assignment, settings = [] }: Pick<AgentState, "assignment" | "settings">): void {
    const next = effectiveSettings(this.pins, settings, assignment?.telemetry.windowMs ?? 0);
    if (JSON.stringify(next) === JSON.stringify(this.#values)) return;
    this.#values = next;
    this.#options.onChange(next);
  }

  maintenance(): Maintenance {
    const { clock, utcOffsetMs } = this.#options;
    const wallMs = clock.now();
    return maintenanceAt(
      { window: this.#values["maintenance.window"].value, downloads: this.#values["maintenance.downloads"].value },
      { wallMs, trust: clock.trust, utcOffsetMs: utcOffsetMs?.(wallMs) ?? 0, now: clock.monotonic() },
    );
  }
}
