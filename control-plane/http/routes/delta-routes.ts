import { Hono } from "hono";
import { NotFoundError } from "../../application/refusals.ts";
import type { DeviceId } from "../../../proto/ids.ts";
import { parseDigest } from "../../../proto/ids.ts";
import { deviceCredential } from "../credentials.ts";
import { HttpProblemError, problemOf } from "../problem.ts";
import type { Services } from "../services.ts";

/** When a device may ask again for a delta that is being made. */
const retryAfterSeconds = 2;

/**
 * Behind the check of the device's credential: which file makes `:digest` out of the file `?from=`. It is fetched like any other. 200 with
 * its digest and size; 202 while it is being made; 404 when there is none, with the reason.
 */
export function deltaRoutes({ deltas }: Pick<Services, "deltas">) {
  return new Hono().get("/:digest/delta", async (c) => {
    const target = parseDigest(c.req.param("digest"));
    const from = c.req.query("from");
    if (from === undefined)
      throw new HttpProblemError(problemOf("bad-request", "say which file you have: ?from=DIGEST"));
    const { device } = deviceCredential(c.req.header("authorization")) as { readonly device: DeviceId };
    const answer = await deltas.answer(device, parseDigest(from), target);
    switch (answer.kind) {
      case "ready":
        return c.json({ digest: answer.digest, size: answer.size }, 200, { "cache-control": "no-store" });
      case "being-made":
        return c.body(null, 202, { "retry-after": String(retryAfterSeconds), "cache-control": "no-store" });
      case "none":
        throw new NotFoundError(`there is no delta: ${answer.reason}`);
    }
  });
}
