import { Hono } from "hono";
import { parseModelName } from "../../../proto/ids.ts";
import type { AlertQuery, DriftAlertRecord } from "../../application/telemetry-stores.ts";
import { HttpProblemError, problemOf } from "../problem.ts";
import { choiceFrom, countFrom } from "../query.ts";
import type { Services } from "../services.ts";
import type { AlertPage } from "../views.ts";

/** In one answer. */
const mostAlerts = 1_000;

export function driftRoutes({ drift }: Pick<Services, "drift">) {
  return new Hono()
    .get("/", async (c) => c.json({ rows: await drift.current() }))
    .get("/alerts", async (c) => {
      const { model, before } = c.req.query();
      const state = choiceFrom(c.req.query("state"), "state", ["open", "closed", "all"], "all");
      const limit = countFrom(c.req.query("limit"), "limit", { least: 1, most: mostAlerts, otherwise: mostAlerts });
      const found = await drift.alerts({
        state: state === "all" ? undefined : state,
        model: model === undefined ? undefined : parseModelName(model),
        before: before === undefined ? undefined : placeIn(before),
        limit: limit + 1,
      });
      const alerts = found.slice(0, limit);
      const last = found.length > limit ? alerts.at(-1) : undefined;
      const page: AlertPage = { alerts, ...(last !== undefined && { next: placeOf(last) }) };
      return c.json(page);
    });
}

/** An alert may be deleted before the next page is asked for: its place in the order stays. Example: "1700000000000.a-mi8w3k2a-9f3c1b". */
function placeOf({ openedAtMs, id }: Pick<DriftAlertRecord, "openedAtMs" | "id">): string {
  return `${openedAtMs}.${id}`;
}

function placeIn(text: string): AlertQuery["before"] {
  const [, ms, id] = /^(\d{1,16})\.([\w.-]{1,128})$/.exec(text) ?? [];
  if (ms === undefined || id === undefined)
    throw new HttpProblemError(problemOf("bad-request", 'before must be what "next" of a page says'));
  return { openedAtMs: Number(ms), id };
}
