import { Hono } from "hono";
import { z } from "zod";
import { NotFoundError } from "../../application/refusals.ts";
import type { Device } from "../../domain/device.ts";
import { parseSelector } from "../../domain/selector-parser.ts";
import { matches } from "../../domain/selector.ts";
import { parseDeviceId } from "../../../proto/ids.ts";
import { operatorIn } from "../credentials.ts";
import { jsonBody } from "../json-body.ts";
import { labelChangesSchema } from "../labels-schema.ts";
import { HttpProblemError, problemOf } from "../problem.ts";
import type { Services } from "../services.ts";
import type { DeviceDetail } from "../views.ts";

const recentEvents = 20;
const patchBody = z.strictObject({ labels: labelChangesSchema });

export function deviceRoutes({ devices, events, telemetry }: Pick<Services, "devices" | "events" | "telemetry">) {
  return new Hono()
    .get("/", async (c) => c.json({ devices: select(await devices.list(), c.req.query("selector")) }))
    .get("/:id", async (c) => {
      const id = parseDeviceId(c.req.param("id"));
      const device = await devices.get(id);
      if (device === undefined) throw new NotFoundError(`there is no device "${id}"`);
      const detail: DeviceDetail = {
        ...device,
        desired: await devices.desired(id),
        telemetry: await telemetry.accounts(id),
        events: await events.lastOf(id, recentEvents),
      };
      return c.json(detail);
    })
    .patch("/:id", jsonBody(patchBody), async (c) =>
      c.json(await devices.changeLabels(parseDeviceId(c.req.param("id")), c.req.valid("json").labels)),
    )
    .post("/:id/revoke", async (c) => {
      await devices.revoke(parseDeviceId(c.req.param("id")), operatorIn(c));
      return c.body(null, 204);
    });
}

function select(devices: readonly Device[], text: string | undefined): readonly Device[] {
  if (text === undefined) return devices;
  const selector = parseSelector(text);
  if (!selector.ok)
    throw new HttpProblemError(problemOf("invalid-data", `"${text}" is not a selector`, selector.problems));
  return devices.filter((device) => matches(selector.value, device));
}
