import { Hono } from "hono";
import { z } from "zod";
import { parseModelName } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import type { PrivacyRule } from "../../../proto/assignment-messages.ts";
import { sampleReasons } from "../../../proto/telemetry-messages.ts";
import type { StoredSamplingSettings } from "../../domain/sampling-settings.ts";
import { operatorIn } from "../credentials.ts";
import { jsonBody } from "../json-body.ts";
import type { Services } from "../services.ts";
import type { SamplingView } from "../views.ts";

const place = { tensor: z.string().min(1).max(256), column: z.int().min(0).optional() };
const rule = z.discriminatedUnion("kind", [
  z.strictObject({ ...place, kind: z.literal("keep") }),
  z.strictObject({ ...place, kind: z.literal("drop") }),
  z.strictObject({ ...place, kind: z.literal("hash") }),
  z.strictObject({ ...place, kind: z.literal("round"), step: z.number() }),
  z.strictObject({ ...place, kind: z.literal("bin"), edges: z.array(z.number()).max(limits.privacyEdges) }),
  z.strictObject({ ...place, kind: z.literal("blur"), radius: z.int() }),
]);
const settingsBody = z.strictObject({
  samplesPerDay: z.number(),
  bytesPerDay: z.number(),
  reasons: z.array(z.enum(sampleReasons)),
  rules: z.array(rule).max(limits.privacyRules),
});

const requestBody = z.strictObject({
  selector: z.string().max(1_024),
  count: z.number(),
  total: z.number().optional(),
  where: z.string().max(limits.sampleConditionCharacters).optional(),
  forMs: z.number(),
});

/** What is sampled of a model: below the routes of models. */
export function samplingRoutes({ samples, sampleRequests }: Pick<Services, "samples" | "sampleRequests">) {
  return new Hono()
    .get("/:model/sampling", async (c) => {
      const model = parseModelName(c.req.param("model"));
      const settings = await samples.settings(model);
      return c.json({
        sampling: settings === undefined ? null : viewOf(settings),
        requests: await sampleRequests.list({ model, all: false, limit: limits.sampleRequests }),
      });
    })
    .post("/:model/sampling/requests", jsonBody(requestBody), async (c) =>
      c.json(await sampleRequests.ask(parseModelName(c.req.param("model")), c.req.valid("json"), operatorIn(c)), 201),
    )
    .put("/:model/sampling", jsonBody(settingsBody), async (c) => {
      const { rules, ...settings } = c.req.valid("json");
      const model = parseModelName(c.req.param("model"));
      await samples.change(model, { ...settings, rules: rules.map(ruleOf) }, operatorIn(c));
      return c.body(null, 204);
    })
    .delete("/:model/sampling", async (c) => {
      await samples.change(parseModelName(c.req.param("model")), undefined, operatorIn(c));
      return c.body(null, 204);
    });
}

/** A column that is not named is absent, not undefined. */
function ruleOf({ column, ...rest }: z.output<typeof rule>): PrivacyRule {
  return column === undefined ? rest : { ...rest, column };
}

/** Without the salt: with it, a list of all values could be hashed and compared. */
function viewOf({ salt: _salt, ...settings }: StoredSamplingSettings): SamplingView {
  return settings;
}
