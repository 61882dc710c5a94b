import type { Assignment, SignedStatement } from "../../proto/assignment-messages.ts";
import type { ReportedState } from "../../proto/messages.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { checkAssignment } from "./assignment-check.ts";
import type { BlockRelay } from "./block-relay.ts";
import type { FlooredClock } from "./floored-clock.ts";
import { inTurn } from "./in-turn.ts";
import type { Ports } from "./ports.ts";
import { Session, statusMessage } from "./session.ts";
import type { StateKeeper } from "./state-keeper.ts";
import type { TelemetryLog } from "./telemetry-log.ts";

export interface ControlLinkOptions {
  readonly ports: Ports;
  readonly clock: FlooredClock;
  readonly blocks: BlockRelay;
  readonly telemetry: TelemetryLog;
  readonly keeper: StateKeeper;
  readonly bootId: string;
  readonly bootedAt: number;
  readonly agentVersion: string;
  readonly ackTimeoutMs: number;
  /** A connection that lasted so long was a good one: the next delays begin small again. */
  readonly stableAfterMs: number;
  readonly delays: () => Generator<number, never>;
  readonly reported: (refusal: string) => ReportedState;
  readonly onConnected: () => void;
  /** The assignment is saved. */
  readonly onAssigned: (assignment: Assignment) => void;
  readonly onRefused: (reason: string) => void;
  /** What is reported may have changed. */
  readonly onChange: () => void;
}

/** The link to the control plane: it is made again and again, and assignments that come over it are checked and saved. */
export class ControlLink {
  readonly #options: ControlLinkOptions;
  readonly #desiredInTurn = inTurn();
  #session: Session | undefined;
  #connections = 0;
  #problem = "not connected yet";
  #refusal = "";

  constructor(options: ControlLinkOptions) {
    this.#options = options;
  }

  get status() {
    const connected = this.#session !== undefined;
    return {
      connected,
      connections: this.#connections,
      connectionProblem: connected ? "" : this.#problem,
      refusal: this.#refusal,
    };
  }

  /** Whether what is written to the lane can be sent now. */
  isTaking(lane: Lane): boolean {
    return this.#session?.isTaking(lane) ?? false;
  }

  telemetryAppended(): void {
    this.#session?.telemetryAppended();
  }

  stateChanged(): void {
    this.#session?.stateChanged();
  }

  /** Connects again and again; a network that is away never keeps the device from serving. */
  async stayConnected(signal: AbortSignal): Promise<never> {
    const { ports, clock, bootId, stableAfterMs, onConnected } = this.#options;
    let delays = this.#options.delays();
    for (;;) {
      let connectedAt: number | undefined;
      try {
        this.#connections++;
        const will = statusMessage("offline", bootId, this.#connections);
        const connection = await ports.bus.connect(will, signal);
        connectedAt = clock.monotonic();
        const session = new Session(connection, this.#sessionOptions());
        this.#session = session;
        onConnected();
        await session.run(signal);
      } catch (error) {
        signal.throwIfAborted();
        this.#problem = error instanceof Error ? error.message : String(error);
      } finally {
        this.#session = undefined;
      }
      if (connectedAt !== undefined && clock.monotonic() - connectedAt >= stableAfterMs)
        delays = this.#options.delays();
      const delayMs = delays.next().value;
      ports.log.info({ problem: this.#problem, delayMs: Math.round(delayMs) }, "not connected; trying again");
      await clock.sleep(delayMs, signal);
    }
  }

  #sessionOptions() {
    const { ports, blocks, telemetry, bootId, agentVersion, bootedAt, ackTimeoutMs, reported } = this.#options;
    return {
      ports,
      blocks,
      onOvertaken: (reason: string) => telemetry.renew(reason),
      release: (finestMs: number) => telemetry.release(finestMs),
      bootId,
      connectionNumber: this.#connections,
      agentVersion,
      bootedAt,
      ackTimeoutMs,
      reported: () => reported(this.#refusal),
      onDesired: (statement: SignedStatement) => this.#desiredInTurn(() => this.#takeDesired(statement)),
    };
  }

  async #takeDesired(statement: SignedStatement): Promise<void> {
    const { clock, keeper, onAssigned, onChange } = this.#options;
    const { crypto, trust, log } = this.#options.ports;
    try {
      const check = await checkAssignment(statement, keeper.state.assignment, crypto, trust);
      if (check.kind === "refused") {
        this.#refuse(check.reason);
        return;
      }
      this.#refusal = "";
      clock.tell(check.kind === "accepted" ? check.assignment.issuedAtMs : check.issuedAtMs);
      if (check.kind === "accepted") {
        // Saved before anything acts on it or reports it.
        await keeper.accept(check.assignment);
        log.info({ generation: check.assignment.generation }, "an assignment was accepted");
        onAssigned(check.assignment);
      }
      onChange();
    } catch (error) {
      // It is still assigned: the control plane sends it again at the next connection.
      log.error({ error: String(error) }, "an assignment could not be saved");
    }
  }

  #refuse(reason: string): void {
    // A broker that repeats itself must not fill the spool.
    if (reason === this.#refusal) return;
    this.#refusal = reason;
    this.#options.ports.log.warn({ reason }, "an assignment was refused");
    this.#options.onRefused(reason);
    this.#options.onChange();
  }
}
