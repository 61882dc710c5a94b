import { seconds } from "../../../proto/units.ts";
import type { InferenceProcess } from "./inference-process.ts";

/** A model that the device has starts within a second of the agent's start, on a slow board within a few. */
const keptMs = seconds(10);

/**
 * A process that has shown that its engine runs here, for the model that starts first: it has loaded the engine already, which is
 * most of what a start takes. Whoever does not come in time finds none, and the program does not stay for its sake.
 */
export class SpareProcess {
  #kept: InferenceProcess | undefined;
  #untilEnd: NodeJS.Timeout | undefined;

  keep(process: InferenceProcess): void {
    this.end();
    this.#kept = process;
    process.workFor({
      replied: () => undefined,
      gone: () => {
        if (this.#kept === process) this.take();
      },
    });
    process.hold(false);
    this.#untilEnd = setTimeout(() => this.end(), keptMs).unref();
  }

  take(): InferenceProcess | undefined {
    clearTimeout(this.#untilEnd);
    const process = this.#kept;
    this.#kept = undefined;
    process?.hold(true);
    return process;
  }

  end(): void {
    this.take()?.kill();
  }
}
