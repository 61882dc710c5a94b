import type { Client } from "aedes";
import type { RefusalReason } from "./broker-counters.ts";
import type { ConnectReturnCode, DeviceRights } from "./broker-guard.ts";
import type { PublishPace } from "./publish-pace.ts";

/** Why a connection or a wish of it was turned away. aedes reads `returnCode` and puts it into the CONNACK. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly reason: RefusalReason;
  readonly returnCode: ConnectReturnCode;

  constructor(reason: RefusalReason, returnCode: ConnectReturnCode, explanation: string) {
    super(explanation);
    this.reason = reason;
    this.returnCode = returnCode;
  }
}

/** What the broker knows of one connection, from the socket to its end. */
export type Connection = Arriving | Judged | Admitted;

/** No CONNECT yet, or one that was refused and whose CONNACK is on its way. */
interface Arriving {
  readonly kind: "arriving";
  readonly refusal?: RefusedError;
}

/** The CONNECT is in order; the credential has not been looked at. */
export interface Judged {
  readonly kind: "judged";
  readonly rights: DeviceRights;
  /** The very object that aedes publishes when the connection ends without a DISCONNECT. */
  readonly will: object | undefined;
}

/** The device has shown its credential. */
export interface Admitted {
  readonly kind: "admitted";
  readonly client: Client;
  readonly rights: DeviceRights;
  readonly will: object | undefined;
  readonly pace: PublishPace;
  refusedFilters: number;
}
