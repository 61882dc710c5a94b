import { Hono } from "hono";
import { z } from "zod";
import { base64OfBytes } from "../../../proto/bytes.ts";
import { encodeGoldenSet } from "../../../proto/codec/golden.ts";
import { parseDeviceId, parseModelName, parseSampleRequestId } from "../../../proto/ids.ts";
import type { TakenReason } from "../../../proto/telemetry-messages.ts";
import { takenReasons } from "../../../proto/telemetry-messages.ts";
import type { SampleLine } from "../../application/telemetry-stores.ts";
import { operatorIn } from "../credentials.ts";
import { jsonBody } from "../json-body.ts";
import { choiceFrom, countFrom } from "../query.ts";
import type { Services } from "../services.ts";
import type { OpenedSampleView, SampleView } from "../views.ts";

const maxListed = 1_000;
const maxOpened = 100;
const highest = Number.MAX_SAFE_INTEGER;

const opening = z.strictObject({
  model: z.string(),
  device: z.string().optional(),
  reason: z.enum(takenReasons).optional(),
  request: z.string().optional(),
  sinceMs: z.number().min(0).optional(),
  beforeId: z.int().min(1).optional(),
  limit: z.int().min(1).max(maxOpened),
});

export function sampleRoutes({ samples, sampleRequests }: Pick<Services, "samples" | "sampleRequests">) {
  return (
    new Hono()
      .get("/", async (c) => {
        const { model, device, reason, request, since, before } = c.req.query();
        const found = await samples.list({
          model: model === undefined ? undefined : parseModelName(model),
          device: device === undefined ? undefined : parseDeviceId(device),
          reason: reason === undefined ? undefined : choiceFrom<TakenReason>(reason, "reason", takenReasons, "uniform"),
          request: request === undefined ? undefined : parseSampleRequestId(request),
          sinceMs: countFrom(since, "since", { most: highest, otherwise: 0 }),
          beforeId: countFrom(before, "before", { most: highest, otherwise: highest }),
          limit: countFrom(c.req.query("limit"), "limit", { least: 1, most: maxListed, otherwise: 100 }),
        });
        return c.json({ samples: found.map(viewOf) });
      })
      .get("/requests", async (c) => {
        const { model, all } = c.req.query();
        const requests = await sampleRequests.list({
          model: model === undefined ? undefined : parseModelName(model),
          all: all === "true",
          limit: countFrom(c.req.query("limit"), "limit", { least: 1, most: maxListed, otherwise: 100 }),
        });
        return c.json({ requests });
      })
      .post("/requests/:id/cancel", async (c) =>
        c.json(await sampleRequests.cancel(parseSampleRequestId(c.req.param("id")), operatorIn(c))),
      )
      // Not a GET: it is written down that somebody looked.
      .post("/open", jsonBody(opening), async (c) => {
        const { model, device, request, ...query } = c.req.valid("json");
        const opened = await samples.open(
          {
            ...query,
            model: parseModelName(model),
            device: device === undefined ? undefined : parseDeviceId(device),
            request: request === undefined ? undefined : parseSampleRequestId(request),
          },
          operatorIn(c),
        );
        const views = opened.map(({ content, ...stored }): OpenedSampleView => ({
          ...viewOf(stored),
          content: content && base64OfBytes(encodeGoldenSet({ cases: [content] })),
        }));
        return c.json({ samples: views });
      })
  );
}

function viewOf({ id, device, receivedAtMs, head, request, bytes }: SampleLine): SampleView {
  return { id, device, receivedAtMs, ...head, request, bytes };
}
