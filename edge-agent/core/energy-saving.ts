import type { SettingValues } from "../../proto/device-settings.ts";
import type { EffectiveSettings } from "./effective-settings.ts";
import type { HealthReading, Logger } from "./ports.ts";

/**
 * A device that is short of energy, or too hot, leaves what can wait: no samples are sealed, stored or sent, and no candidate runs in
 * shadow. Inferences are answered and counted as ever.
 *
 * It begins when a reading shows one of three things: the battery is in use and below a charge, a sensor is at a temperature or above,
 * or the processor is held back. It ends when none of them holds any more, the battery and the heat with some distance to where they
 * began, so that a value on the edge does not switch it with every reading. What a device does not show never begins it.
 */
export type SavingCause = "battery" | "heat" | "throttled";

export interface EnergyLimits {
  /** Share of the battery's charge; undefined: no charge is too low. */
  readonly saveBelowCharge: SettingValues["energy.saveBelowCharge"];
  /** Of the hottest sensor, in degrees; undefined: neither heat nor a processor that is held back counts. */
  readonly saveFromCelsius: SettingValues["energy.saveFromCelsius"];
}

export function energyLimitsOf(settings: EffectiveSettings): EnergyLimits {
  return {
    saveBelowCharge: settings["energy.saveBelowCharge"].value,
    saveFromCelsius: settings["energy.saveFromCelsius"].value,
  };
}

/** Why the device saves energy, each cause in words; empty: it does not. */
export type EnergySaving = ReadonlyMap<SavingCause, string>;

export const nothingSaved: EnergySaving = new Map();

const chargeToRegain = 0.05;
const degreesToLose = 5;

/**
 * Example: with the limits 0.3 and 80, a battery in use at 0.29 begins it, and one at 0.33 does not end it; 0.35 does, or the mains.
 */
export function energySavingAfter(
  before: EnergySaving,
  { battery, "on-battery": onBattery = 0, temperature, throttled = 0 }: HealthReading,
  { saveBelowCharge, saveFromCelsius }: EnergyLimits,
): EnergySaving {
  const causes = new Map<SavingCause, string>();
  if (saveBelowCharge !== undefined && onBattery > 0 && battery !== undefined) {
    const until = before.has("battery") ? saveBelowCharge + chargeToRegain : saveBelowCharge;
    if (battery < until) causes.set("battery", `the battery is at ${Math.round(100 * battery)} %`);
  }
  if (saveFromCelsius === undefined) return causes;
  const from = before.has("heat") ? saveFromCelsius - degreesToLose : saveFromCelsius;
  if (temperature !== undefined && temperature >= from)
    causes.set("heat", `it is at ${Math.round(temperature)} degrees Celsius`);
  if (throttled > 0) causes.set("throttled", "its processor is held back");
  return causes;
}

/** Example: `the battery is at 12 %, its processor is held back`; "" where nothing is saved. */
export function savingReason(saving: EnergySaving): string {
  return [...saving.values()].join(", ");
}

/** Follows the readings of a device, and says in its log when it begins to save energy and when that ends. */
export class EnergyWatch {
  readonly #limits: () => EnergyLimits;
  readonly #log: Pick<Logger, "info">;
  #saving = nothingSaved;

  constructor(limits: () => EnergyLimits, log: Pick<Logger, "info">) {
    this.#limits = limits;
    this.#log = log;
  }

  /** Why energy is saved now; "" where it is not. */
  get reason(): string {
    return savingReason(this.#saving);
  }

  read(reading: HealthReading): void {
    const before = this.#saving;
    this.#saving = energySavingAfter(before, reading, this.#limits());
    const { reason } = this;
    if (before.size === 0 && reason !== "")
      this.#log.info({ reason }, "the device saves energy: samples and shadows wait");
    if (before.size > 0 && reason === "") this.#log.info({}, "the device saves no energy any more");
  }
}
