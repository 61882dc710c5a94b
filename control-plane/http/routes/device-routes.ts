import { setImmediate } from "node:timers/promises";
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
import type { DeviceDetail, DeviceLine, DevicePage, HealthView } from "../views.ts";

const recentEvents = 20;
/** Windows of a quarter of an hour. */
const aDay = 96;
const mostWindows = 1_000;
/** In one answer; also how many are read at once. */
const mostDevices = 1_000;
const patchBody = z.strictObject({ labels: labelChangesSchema });

export function deviceRoutes({
  devices,
  events,
  telemetry,
  health,
  logs,
  settings,
}: Pick<Services, "devices" | "events" | "telemetry" | "health" | "logs" | "settings">) {
  async function withMarks(listed: readonly Device[]): Promise<readonly DeviceLine[]> {
    const latest = new Map((await health.latestOf(listed.map(({ id }) => id))).map((one) => [one.device, one]));
    return listed.map((device) => {
      const said = latest.get(device.id);
      return { ...device, marks: said === undefined ? [] : healthMarks(said.measures), healthAtMs: said?.receivedAtMs };
    });
  }

  /** The first `limit` after `after` that the selector names, and one more if there is: the sign of another page. */
  async function select(
    isNamed: (device: Device) => boolean,
    after: string,
    limit: number,
  ): Promise<readonly Device[]> {
    const named: Device[] = [];
    for (let last: string | undefined = after; last !== undefined && named.length <= limit;) {
      const read: readonly Device[] = await devices.after(last, mostDevices);
      named.push(...read.filter(isNamed));
      last = read.length === mostDevices ? read.at(-1)?.id : undefined;
      // Where a selector names few of many, everybody else gets their turn in between.
      await setImmediate();
    }
    return named.slice(0, limit + 1);
  }

  return new Hono()
    .get("/", async (c) => {
      const isNamed = namedBy(c.req.query("selector"));
      const limit = countFrom(c.req.query("limit"), "limit", { least: 1, most: mostDevices, otherwise: mostDevices });
      const found = await select(isNamed, c.req.query("after") ?? "", limit);
      const listed = found.slice(0, limit);
      const next = found.length > limit ? listed.at(-1)?.id : undefined;
      const page: DevicePage = { devices: await withMarks(listed), ...(next !== undefined && { next }) };
      return c.json(page);
    })
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
        settingsConflicts: await settings.conflicts(device),
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

function namedBy(text: string | undefined): (device: Device) => boolean {
  if (text === undefined) return () => true;
  const selector = parseSelector(text);
  if (!selector.ok)
    throw new HttpProblemError(problemOf("invalid-data", `"${text}" is not a selector`, selector.problems));
  return (device) => matches(selector.value, device);
}
