import { spawn } from "node:child_process";
import type { Logger } from "../../core/ports.ts";

/** What systemd hears of the daemon. Every function is without effect where no service manager listens. */
export interface ServiceNotifier extends Disposable {
  /**
   * The service is up, and from now on the watchdog is answered. `describe` says in one line how the daemon is; `systemctl status`
   * shows it.
   */
  ready(describe: () => string): void;
  stopping(): void;
}

export interface ServiceNotifierOptions {
  /**
   * NOTIFY_SOCKET and WATCHDOG_USEC are read from here and removed, so it comes before the first inference process: none may speak for
   * the daemon.
   */
  readonly environment: Record<string, string | undefined>;
  readonly log: Pick<Logger, "warn">;
}

/**
 * systemd listens on a unix socket for datagrams, which Node does not have. So each message is sent by a `systemd-notify` process of
 * its own; the unit says NotifyAccess=all for that. It costs about 5 ms of a core: with a watchdog of one minute, three times a
 * minute.
 *
 * The watchdog is answered from a timer of the daemon's own event loop. A daemon whose loop is stuck sends nothing, and systemd ends
 * it and starts another. A model that is stuck is another matter: it runs in a process that the daemon itself watches.
 */
export function serviceNotifier({ environment, log }: ServiceNotifierOptions): ServiceNotifier {
  const socket = environment["NOTIFY_SOCKET"];
  const watchdogMs = Number(environment["WATCHDOG_USEC"] ?? 0) / 1_000;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
  let timer: NodeJS.Timeout | undefined;
  let hasFailed = false;

  const send = (...messages: readonly string[]) => {
    if (socket === undefined) return;
    const sender = spawn("systemd-notify", messages, {
      stdio: "ignore",
      env: { ...environment, NOTIFY_SOCKET: socket },
    });
    sender.once("error", (error) => {
      if (hasFailed) return;
      hasFailed = true;
      log.warn(
        { error: error.message },
        "systemd cannot be told how the daemon is; it will end it when it waits for that",
      );
    });
  };
  return {
    ready(describe) {
      send("--ready", `--status=${describe()}`);
      if (watchdogMs <= 0) return;
      // Three chances in each period: a busy machine may be late with one.
      timer = setInterval(() => send("WATCHDOG=1", `--status=${describe()}`), watchdogMs / 3);
      timer.unref();
    },
    stopping() {
      clearInterval(timer);
      send("STOPPING=1");
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
