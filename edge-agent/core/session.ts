import type { SignedStatement } from "../../proto/assignment-messages.ts";
import type { Ack, Birth, ControlMessage, ReportedState, Status } from "../../proto/messages.ts";
import { deviceAbilities } from "../../proto/messages.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { seconds } from "../../proto/units.ts";
import type { BlockRelay } from "./block-relay.ts";
import { linkedAbort, NoLongerNeededError } from "./linked-abort.ts";
import type { Connection, Ports } from "./ports.ts";
import { TelemetrySender } from "./telemetry-sender.ts";
import { Wakeup } from "./wakeup.ts";

export interface SessionOptions {
  readonly ports: Pick<Ports, "clock" | "log" | "spool" | "profile">;
  /** Another disk uses the epoch of the spool. */
  readonly onOvertaken: (reason: string) => Promise<void>;
  /** Gives numbers to the windows that wait: TelemetryLog.release. */
  readonly release: (finestMs: number) => Promise<void>;
  readonly blocks: BlockRelay;
  readonly bootId: string;
  /** Counts the connections of this boot, from 1: a late will of an earlier one cannot be taken for this one's. */
  readonly connectionNumber: number;
  readonly agentVersion: string;
  readonly bootedAt: number;
  readonly ackTimeoutMs: number;
  readonly reported: () => ReportedState;
  readonly onDesired: (statement: SignedStatement) => Promise<void>;
}

/** A broker that does not answer the goodbye keeps nobody waiting. */
const goodbyeMs = seconds(2);

export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/** The last will: sent by the broker when the connection breaks off without a goodbye. */
export function statusMessage(state: Status["state"], bootId: string, connection: number): Status {
  return { kind: "status", state, bootId, connection };
}

/** What is done over one connection: birth, presence, reported state, telemetry, and answers to what the control plane sends. */
export class Session {
  readonly #options: SessionOptions;
  readonly #connection: Connection;
  readonly #sender: TelemetrySender;
  readonly #changed = new Wakeup();

  constructor(connection: Connection, options: SessionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#sender = new TelemetrySender(
      { ...options.ports, onOvertaken: options.onOvertaken, release: options.release },
      connection,
      options.ackTimeoutMs,
    );
  }

  /** The state, or something else that is reported, may have changed. */
  stateChanged(): void {
    this.#changed.wake();
  }

  telemetryAppended(): void {
    this.#sender.wake();
  }

  /** Whether what is written to the lane now is sent at once. */
  isTaking(lane: Lane): boolean {
    return this.#sender.isTaking(lane);
  }

  /** Rejects when the connection is lost, or with the signal's reason after a goodbye. */
  async run(signal: AbortSignal): Promise<never> {
    const { blocks } = this.#options;
    using scope = linkedAbort(signal);
    const lost = this.#connection.closed.then((): never => {
      throw new ConnectionLostError("the connection to the broker was lost");
    });
    blocks.attach(this.#connection, scope.signal);
    try {
      const birth = this.#birth();
      // Asked for messages at once: the assignment may arrive before the broker has answered the birth.
      const work = [this.#receive(scope.signal), this.#report(birth, scope.signal)];
      return await Promise.race([lost, ...work]);
    } catch (error) {
      if (signal.aborted) await this.#sayGoodbye();
      throw error;
    } finally {
      blocks.detach();
      scope.abort(new NoLongerNeededError("the session has ended"));
      await this.#connection.close();
    }
  }

  async #report(birth: Birth, signal: AbortSignal): Promise<never> {
    const { bootId, connectionNumber } = this.#options;
    await this.#connection.publish(birth, signal);
    await this.#connection.publish(statusMessage("online", bootId, connectionNumber), signal);
    return await Promise.race([this.#sender.run(signal), this.#reportChanges(birth.reported, signal)]);
  }

  async #reportChanges(born: ReportedState, signal: AbortSignal): Promise<never> {
    const { ports, reported } = this.#options;
    let last = JSON.stringify(born);
    for (;;) {
      const now = reported();
      const text = JSON.stringify(now);
      if (text !== last) {
        last = text;
        await this.#connection.publish({ kind: "reported", reported: now }, signal);
      } else await this.#changed.sleep(Number.POSITIVE_INFINITY, ports.clock, signal);
    }
  }

  async #receive(signal: AbortSignal): Promise<never> {
    for await (const message of this.#connection.messages) {
      signal.throwIfAborted();
      await this.#take(message);
    }
    throw new ConnectionLostError("the broker sends nothing more");
  }

  async #take(message: ControlMessage): Promise<void> {
    switch (message.kind) {
      case "desired":
        return await this.#options.onDesired(message.statement);
      case "ack":
        return await this.#takeAck(message);
      case "block-data":
      case "delta-offer":
        return this.#options.blocks.deliver(message);
    }
  }

  async #takeAck(ack: Ack): Promise<void> {
    try {
      await this.#sender.acknowledge(ack);
    } catch (error) {
      // The records stay; the control plane drops what it has already when they come again.
      this.#options.ports.log.warn({ error: String(error) }, "acknowledged telemetry could not be deleted");
    }
  }

  #birth(): Birth {
    const { ports, bootId, connectionNumber, agentVersion, bootedAt, reported } = this.#options;
    return {
      kind: "birth",
      bootId,
      connection: connectionNumber,
      agentVersion,
      profile: { ...ports.profile, abilities: deviceAbilities },
      reported: reported(),
      deviceTimeMs: ports.clock.now(),
      uptimeMs: Math.max(0, ports.clock.monotonic() - bootedAt),
    };
  }

  /** The broker sends no will after an orderly disconnect. */
  async #sayGoodbye(): Promise<void> {
    const { ports, bootId, connectionNumber } = this.#options;
    const tooLong = new AbortController();
    const offline = this.#connection.publish(statusMessage("offline", bootId, connectionNumber), tooLong.signal);
    try {
      await Promise.race([offline, ports.clock.sleep(goodbyeMs, tooLong.signal)]);
    } catch (error) {
      ports.log.debug({ error: String(error) }, "the device could not say goodbye");
    } finally {
      tooLong.abort(new NoLongerNeededError("the goodbye has ended"));
      offline.catch(() => undefined);
    }
  }
}
