import type { AedesOptions, Client } from "aedes";
import type { Socket } from "node:net";
import type { DeviceId } from "../../proto/ids.ts";
import type { AddressPace } from "./address-pace.ts";
import type { Admitted, Connection, Judged } from "./broker-connection.ts";
import { RefusedError } from "./broker-connection.ts";
import type { MutableBrokerCounters } from "./broker-counters.ts";
import { mayConnect, mayPublish, mayReceive, maySubscribe } from "./broker-guard.ts";
import type { BrokerLimits } from "./broker-limits.ts";
import type { RecordRefusal } from "./refusal-record.ts";
import type { Authenticate, CredentialVerdict } from "./credential-check.ts";
import { checkCredential } from "./credential-check.ts";
import type { DeviceDirectory } from "./device-directory.ts";
import type { Allowance } from "./publish-pace.ts";
import { createPublishPace, fullAllowance } from "./publish-pace.ts";
import { fullBucket, takeToken } from "./token-bucket.ts";

export interface HookContext {
  readonly authenticate: Authenticate;
  readonly limits: BrokerLimits;
  readonly counters: MutableBrokerCounters;
  readonly directory: DeviceDirectory<Admitted>;
  readonly refuse: RecordRefusal;
  readonly addressPace: AddressPace;
  readonly now: () => number;
  /** True once the broker shuts down: nobody comes in, and no will goes out. */
  readonly isStopping: () => boolean;
  readonly authenticationFailed: (device: DeviceId, cause: unknown) => void;
}

export interface BrokerHooks {
  readonly options: Required<
    Pick<AedesOptions, "preConnect" | "authenticate" | "authorizePublish" | "authorizeSubscribe" | "authorizeForward">
  >;
  /** The device behind a client, once it has shown its credential. */
  admittedOf(client: Client): Admitted | undefined;
}

/** A topic that nobody can subscribe to: a message that is dropped goes there, and its device gets its PUBACK. */
const droppedTopic = "$dropped";

/** The guard's decisions in the places where aedes asks for them. */
export function createBrokerHooks(context: HookContext): BrokerHooks {
  const { limits, counters, directory, refuse, now } = context;
  const connections = new WeakMap<Client, Connection>();
  // One entry for each device that has ever shown its credential to this process, so as large as the fleet.
  const allowances = new Map<DeviceId, Allowance>();
  let connectBucket = fullBucket(limits.connectionRate, now());

  function judge(client: Client, packet: ConnectPacket): RefusedError | Judged {
    if (context.isStopping()) return new RefusedError("stopping", 3, "the broker is shutting down");
    // Before the pace of all, which one address must not use up for the others.
    if (!context.addressPace.take(addressOf(client)))
      return new RefusedError("address-rate", 3, "too many devices of one address connect at once");
    const taking = takeToken(connectBucket, limits.connectionRate, now());
    connectBucket = taking.bucket;
    if (!taking.taken) return new RefusedError("connection-rate", 3, "too many devices connect at once");
    const { will } = packet;
    const verdict = mayConnect(
      {
        clientId: packet.clientId,
        username: packet.username,
        hasPassword: packet.password !== undefined,
        will: will && {
          topic: will.topic,
          payloadBytes: Buffer.byteLength(will.payload),
          qos: will.qos ?? 0,
          retain: will.retain ?? false,
        },
      },
      limits.willBytes,
    );
    if (verdict.kind === "refused") return new RefusedError(verdict.reason, verdict.returnCode, verdict.explanation);
    return { kind: "judged", rights: verdict.rights, will };
  }

  function admit(client: Client, { rights, will }: Judged): Admitted {
    const { device } = rights;
    let allowance = allowances.get(device);
    if (allowance === undefined) {
      allowance = fullAllowance(limits, now());
      allowances.set(device, allowance);
    }
    const pace = createPublishPace(allowance, limits, now, () => (counters.slowed += 1));
    return { kind: "admitted", client, rights, will, pace, refusedFilters: 0 };
  }

  async function checkAndAnswer(client: Client, judged: Judged, secret: string, answer: Answer): Promise<void> {
    const { device } = judged.rights;
    const gone = new AbortController();
    client.conn.once("close", () => gone.abort(new Error("the connection has ended")));
    const verdict = await checkCredential(
      context.authenticate,
      device,
      secret,
      limits.authenticationTimeoutMs,
      gone.signal,
    );
    if (verdict.kind === "failed") context.authenticationFailed(device, verdict.cause);
    if (client.closed || gone.signal.aborted) return;
    const refusal = refusalOf(verdict);
    if (refusal !== undefined) {
      refuse(refusal.reason, { client: device, why: refusal.message });
      answer(refusal, null);
      return;
    }
    if (directory.get(device) !== undefined) counters.takeovers += 1;
    connections.set(client, admit(client, judged));
    answer(null, true);
  }

  function admittedOf(client: Client | null): Admitted | undefined {
    const connection = client === null ? undefined : connections.get(client);
    return connection?.kind === "admitted" ? connection : undefined;
  }

  return {
    admittedOf,
    options: {
      preConnect(client, packet, callback) {
        // The contract keeps no session: state is sent again on connect, and nothing waits here for an absent device.
        packet.clean = true;
        const judged = judge(client, packet);
        connections.set(client, judged instanceof RefusedError ? { kind: "arriving", refusal: judged } : judged);
        // A refusal is carried out in authenticate, where the client still gets a CONNACK that says why.
        callback(null, true);
      },

      authenticate(client, _username, password, done) {
        const connection = connections.get(client);
        if (connection?.kind !== "judged") {
          const refusal = connection?.kind === "arriving" ? connection.refusal : undefined;
          const error = refusal ?? new RefusedError("client-id", 2, "the connection was not judged");
          refuse(error.reason, { client: client.id, why: error.message });
          done(error, null);
          return;
        }
        void checkAndAnswer(client, connection, password?.toString("utf8") ?? "", done);
      },

      authorizePublish(client, packet, callback) {
        const connection = admittedOf(client);
        if (connection === undefined) {
          refuse("publish", { why: "a message without a connected device" });
          callback(new RefusedError("publish", 5, "only a connected device publishes"));
          return;
        }
        if (packet === connection.will) {
          const stale = directory.get(connection.rights.device) !== undefined && !directory.isCurrent(connection);
          // A shutdown of the broker says nothing about its devices, and neither does a connection that was replaced.
          callback(context.isStopping() || stale ? new Error("the will has no meaning any more") : null);
          return;
        }
        if (!mayPublish(connection.rights, packet)) {
          refuse("publish", { client: connection.rights.device, why: `it may not publish to ${packet.topic}` });
          // [MQTT-3.3.5-2]: there is no negative acknowledgement, so the connection ends.
          callback(new RefusedError("publish", 5, "the device may not publish this"));
          return;
        }
        connection.pace.admit(packet.payload.length, (verdict) => {
          if (verdict === "drop") {
            counters.dropped["message-rate"] += 1;
            packet.topic = droppedTopic;
            packet.payload = Buffer.alloc(0);
          }
          callback(null);
        });
      },

      authorizeSubscribe(client, subscription, callback) {
        const connection = admittedOf(client);
        if (connection !== undefined && maySubscribe(connection.rights, subscription.topic)) {
          callback(null, subscription);
          return;
        }
        refuse("filter", { client: client.id, why: `it may not subscribe to ${subscription.topic}` });
        if (connection !== undefined) {
          connection.refusedFilters += 1;
          if (connection.refusedFilters > limits.refusedFilters) client.close();
        }
        // [MQTT-3.9.3]: 0x80 in the SUBACK.
        callback(null, null);
      },

      authorizeForward(client, packet) {
        const connection = admittedOf(client);
        if (connection !== undefined && mayReceive(connection.rights, packet.topic)) return packet;
        refuse("delivery", { client: client.id, why: `it may not receive ${packet.topic}` });
        return null;
      },
    },
  };
}

function addressOf({ conn, req }: Client): string | undefined {
  return req?.socket.remoteAddress ?? (conn as Partial<Socket>).remoteAddress;
}

type ConnectPacket = Parameters<NonNullable<AedesOptions["preConnect"]>>[1];
type Answer = Parameters<NonNullable<AedesOptions["authenticate"]>>[3];

function refusalOf(verdict: CredentialVerdict): RefusedError | undefined {
  switch (verdict.kind) {
    case "accepted":
      return undefined;
    case "rejected":
      return new RefusedError("credential", 4, "the secret is not the device's");
    case "gave-up":
      return new RefusedError("authentication-timeout", 3, "the credential could not be checked in time");
    case "failed":
      return new RefusedError("authentication-failure", 3, "the credential could not be checked");
  }
}
