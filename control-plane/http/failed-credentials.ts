import type { MiddlewareHandler } from "hono";
import { exemptAddresses } from "../messaging/address-limits.ts";
import type { AddressPace } from "../messaging/address-pace.ts";
import { createAddressPace } from "../messaging/address-pace.ts";
import type { BucketRule } from "../messaging/token-bucket.ts";
import { clientAddress } from "./client-address.ts";
import { problemOf, problemResponse } from "./problem.ts";

const rule: BucketRule = { perSecond: 1, burst: 60 };

/**
 * Slows down who fails with credentials again and again, by address: sixty failures at once, then one a second; beyond that the answer is 429 and the
 * end of the connection, whatever was tried. Whoever brings a right credential is never kept waiting for somebody else at the same address: a
 * site of five hundred devices may stand behind it, and one of them may be broken. This machine itself is not slowed down.
 */
export function failedCredentials(proxies: readonly string[], now: () => number): MiddlewareHandler {
  // A proxy that names no client behind it is one for all of them.
  const pace: AddressPace = createAddressPace(rule, exemptAddresses(proxies), now);
  return async (c, next) => {
    await next();
    if (c.res.status !== 401 || pace.take(clientAddress(c, proxies))) return;
    c.res = undefined;
    c.res = problemResponse(
      problemOf("too-many-requests", "too many wrong credentials came from this address: wait a little"),
      {
        "retry-after": "5",
        connection: "close",
      },
    );
  };
}
