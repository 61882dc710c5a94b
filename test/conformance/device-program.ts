import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ControlSide } from "./control-side.ts";

/** The implementation that is being checked: a program that speaks for one device until it is told to stop. */
export class DeviceProgram implements AsyncDisposable {
  readonly #command: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #written = "";

  constructor(command: readonly string[], control: ControlSide, publisherKey: string, data: string) {
    this.#command = command;
    this.#environment = {
      SEDGE_MQTT_HOST: "127.0.0.1",
      SEDGE_MQTT_PORT: String(control.port),
      SEDGE_DEVICE: control.device,
      SEDGE_SECRET: control.secret,
      SEDGE_DIRECTOR_KEY: control.director.publicKey,
      SEDGE_PUBLISHER_KEY: publisherKey,
      SEDGE_DATA: data,
    };
  }

  start(): void {
    const [program = "", ...words] = this.#command;
    const child = spawn(program, words, {
      env: { ...process.env, ...this.#environment },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: what the program starts ends with it.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (text: Buffer) => (this.#written = (this.#written + text.toString()).slice(-8_000)));
    child.on("error", (error) => (this.#written += `\n${String(error)}`));
    this.#child = child;
  }

  /** The end of what it wrote. */
  get written(): string {
    return this.#written;
  }

  /** As a power cut: nothing is said, nothing is written. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** An orderly stop. The exit code, or null where it had to be killed. */
  async stop(withinMs = 20_000): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return null;
    const timer = setTimeout(() => void this.#end("SIGKILL"), withinMs);
    try {
      const closed = once(child, "close");
      child.kill("SIGTERM");
      const [code] = (await closed) as [number | null];
      return code;
    } finally {
      clearTimeout(timer);
      this.#child = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    process.kill(-child.pid, signal);
    await closed;
  }
}
