import { Hono } from "hono";
import { z } from "zod";
import { NotFoundError } from "../../application/refusals.ts";
import type { Device } from "../../domain/device.ts";
import { parseSelector } from "../../domain/selector-parser.ts";
import { matches } from "../../domain/selector.ts";
import { parseDeviceId } from "../../../proto/ids.ts";
import { logLevels } from "../../../proto/telemetry-messages.ts";
import { operatorIn } from "../credentials.ts";
import { jsonBody } from "../json-body.ts";
import { labelChangesSchema } from "../labels-schema.ts";
import { HttpProblemError, problemOf } from "../problem.ts";
import { choiceFrom, countFrom } from "../query.ts";
import type { Services } from "../services.ts";
import { healthMarks } from "../../domain/health-marks.ts";
import type { DeviceDetail, DeviceLine, HealthView } from "../views.ts";

const recentEvents = 20;
/** Windows of a quarter of an hour. */
const aDay = 96;
const mostWindows = 1_000;
const patchBody = z.strictObject({ labels: labelChangesSchema });

export function deviceRoutes({
  devices,
  events,
  telemetry,
  health,
  logs,
}: Pick<Services, "devices" | "events" | "telemetry" | "health" | "logs">) {
  async function withMarks(listed: readonly Device[]): Promise<readonly DeviceLine[]> {
    const latest = new Map((await health.latest()).map((one) => [one.device, one]));
    return listed.map((device) => {
      const said = latest.get(device.id);
      return { ...device, marks: said === undefined ? [] : healthMarks(said.measures), healthAtMs: said?.receivedAtMs };
    });
  }

  return new Hono()
    .get("/", async (c) => c.json({ devices: await withMarks(select(await devices.list(), c.req.query("selector"))) }))
    .get("/:id", async (c) => {
      const id = parseDeviceId(c.req.param("id"));
      const device = await devices.get(id);
      if (device === undefined) throw new NotFoundError(`there is no device "${id}"; "sedge device list" names them`);
      const detail: DeviceDetail = {
        ...device,
        desired: await devices.desired(id),
        telemetry: await telemetry.accounts(id),
        health: (await health.of(id, 1))[0],
        clockOffsetMs: await health.clockOffset(id),
        events: await events.lastOf(id, recentEvents),
      };
      return c.json(detail);
    })
    .get("/:id/logs", async (c) => {
      const id = parseDeviceId(c.req.param("id"));
      if ((await devices.get(id)) === undefined)
        throw new NotFoundError(`there is no device "${id}"; "sedge device list" names them`);
      const level = choiceFrom(c.req.query("level"), "level", logLevels, "debug");
      const limit = countFrom(c.req.query("limit"), "limit", { least: 1, most: 1_000, otherwise: 100 });
      const after = c.req.query("after");
      const lines =
        after === undefined
          ? await logs.newest(id, { level, limit })
          : await logs.after(id, countFrom(after, "after", { most: Number.MAX_SAFE_INTEGER, otherwise: 0 }), {
              level,
              limit,
            });
      return c.json({ lines });
    })
    .get("/:id/health", async (c) => {
      const id = parseDeviceId(c.req.param("id"));
      if ((await devices.get(id)) === undefined)
        throw new NotFoundError(`there is no device "${id}"; "sedge device list" names them`);
      const limit = countFrom(c.req.query("limit"), "limit", { least: 1, most: mostWindows, otherwise: aDay });
      const view: HealthView = { clockOffsetMs: await health.clockOffset(id), windows: await health.of(id, limit) };
      return c.json(view);
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
