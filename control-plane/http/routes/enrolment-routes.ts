import { Hono } from "hono";
import { z } from "zod";
import { EnrolmentRefusedError } from "../../application/refusals.ts";
import { isDeviceId } from "../../../proto/ids.ts";
import { hours, minutes } from "../../../proto/units.ts";
import { clientAddress } from "../client-address.ts";
import type { FailureLimit } from "../failure-limit.ts";
import { createFailureLimit } from "../failure-limit.ts";
import { reachableUrl } from "../host-check.ts";
import { jsonBody } from "../json-body.ts";
import { labelsSchema } from "../labels-schema.ts";
import { HttpProblemError, problemOf } from "../problem.ts";
import type { Services } from "../services.ts";

const enrolBody = z.strictObject({
  token: z.string().min(1).max(256),
  device: z
    .string()
    .refine(isDeviceId, 'a device id has 2 to 64 characters of a-z, 0-9, "_" and "-" and starts with a letter or digit')
    .optional(),
  labels: labelsSchema.default({}),
  hardware: z.string().max(128).default(""),
});

const tokenBody = z.strictObject({
  labels: labelsSchema.default({}),
  expiresInMs: z
    .number()
    .int()
    .min(minutes(1))
    .max(hours(24 * 365))
    .default(hours(24)),
});

/** What a device asks with its one-time token: the only call without a lasting credential. */
export function enrolRoutes({ enrolment, publishers, about, clock, proxies }: Services) {
  const failures = createFailureLimit(() => clock.now());

  return new Hono().post("/", jsonBody(enrolBody), async (c) => {
    const { token, device, labels, hardware } = c.req.valid("json");
    const enrolled = await limited(failures, clientAddress(c, proxies) ?? "", () =>
      enrolment.enrol({ token, device, labels, hardware }),
    );
    const host = c.req.header("host") ?? "";
    const { mqttTcp, mqttWebSocket } = about.addresses();
    return c.json(
      {
        device: enrolled.device,
        secret: enrolled.secret,
        mqtt: {
          ...(mqttTcp !== undefined && { tcp: reachableUrl(mqttTcp, host) }),
          ...(mqttWebSocket !== undefined && { webSocket: reachableUrl(mqttWebSocket, host) }),
        },
        trust: {
          director: about.director,
          publishers: (await publishers.list()).map(({ keyId, publicKey }) => ({ keyId, publicKey })),
        },
      },
      201,
    );
  });
}

export function enrolmentTokenRoutes({ enrolment, about }: Pick<Services, "enrolment" | "about">) {
  return new Hono().post("/", jsonBody(tokenBody), async (c) => {
    const { labels, expiresInMs } = c.req.valid("json");
    const { token, expiresAtMs } = await enrolment.createToken({ labels, expiresInMs });
    const serverAuthority = about.ownAuthority();
    const serverNames = about.certifiedNames();
    return c.json(
      {
        token,
        expiresAtMs,
        ...(serverAuthority !== undefined && { serverAuthority }),
        ...(serverNames !== undefined && { serverNames }),
      },
      201,
    );
  });
}

/** Where no socket is known, all such callers share one limit. */
async function limited<T>(failures: FailureLimit, address: string, work: () => Promise<T>): Promise<T> {
  if (!failures.allows(address))
    throw new HttpProblemError(problemOf("too-many-requests", "wait a little before you try another token"), {
      "retry-after": "5",
    });
  try {
    return await work();
  } catch (error) {
    if (error instanceof EnrolmentRefusedError) failures.failed(address);
    throw error;
  }
}
