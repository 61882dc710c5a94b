import { Hono } from "hono";
import { z } from "zod";
import { NotFoundError } from "../../application/refusals.ts";
import { parseSettingsName } from "../../../proto/ids.ts";
import { operatorIn } from "../credentials.ts";
import { jsonBody } from "../json-body.ts";
import type { Services } from "../services.ts";

// Types only: what may be set is the domain's to say, which names every mistake.
const rollout = z.strictObject({
  id: z.string().optional(),
  stages: z
    .array(
      z.strictObject({
        percent: z.number(),
        name: z.string().optional(),
        soakMs: z.number().optional(),
        evidenceTimeoutMs: z.number().optional(),
      }),
    )
    .optional(),
  onFailure: z.enum(["roll-back", "pause"]).optional(),
  deviceTimeoutMs: z.number().optional(),
});
const removal = { after: z.int().min(0), comment: z.string().optional(), rollout: rollout.optional() };
const changeBody = z.strictObject({
  ...removal,
  // Null takes a value away.
  values: z.record(z.string().max(64), z.string().nullable()),
  selector: z.string().optional(),
  priority: z.number().optional(),
});
const removalBody = z.strictObject(removal);

/** Settings of devices: each change is a version of its own, and a rollout. */
export function settingsRoutes({ settings }: Pick<Services, "settings">) {
  return new Hono()
    .get("/", async (c) => c.json({ settings: await settings.list() }))
    .get("/:name", async (c) => {
      const name = parseSettingsName(c.req.param("name"));
      const history = await settings.get(name);
      if (history === undefined) throw new NotFoundError(`there are no settings "${name}"`);
      return c.json(history);
    })
    .post("/:name/versions", jsonBody(changeBody), async (c) => {
      const name = parseSettingsName(c.req.param("name"));
      const begun = await settings.change(name, c.req.valid("json"), operatorIn(c));
      return c.json(begun, begun.unchanged === true ? 200 : 201);
    })
    .post("/:name/remove", jsonBody(removalBody), async (c) => {
      const name = parseSettingsName(c.req.param("name"));
      return c.json(await settings.remove(name, c.req.valid("json"), operatorIn(c)), 201);
    });
}
