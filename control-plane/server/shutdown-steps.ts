import type { Logger } from "../application/ports.ts";

/** What has been started, to be ended in the opposite order. One step that fails does not keep the others from their turn. */
export interface ShutdownSteps {
  add(name: string, step: () => unknown): void;
  /** Runs every step once, however often it is asked for; never rejects. */
  run(): Promise<void>;
}

export function createShutdownSteps(log: Logger): ShutdownSteps {
  const steps: { readonly name: string; readonly step: () => unknown }[] = [];
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    for (const { name, step } of steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        log.error({ err: error, step: name }, "a part could not be ended in order");
      }
    }
  }

  return {
    add: (name, step) => void steps.push({ name, step }),
    run: () => (running ??= runAll()),
  };
}
