import { Hono } from "hono";
import { z } from "zod";
import { NotFoundError } from "../../application/refusals.ts";
import { parseModelName, parseModelVersion } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import { requireContentType, wholeBody } from "../body-checks.ts";
import { jsonBody } from "../json-body.ts";
import type { Services } from "../services.ts";
import { modelDetail, modelSummary } from "../views.ts";

const aliasChange = z.strictObject({
  version: z.string(),
  expect: z.string().nullish(),
  comment: z.string().max(limits.reasonCharacters).optional(),
});

export function modelRoutes({ models, aliases, production }: Pick<Services, "models" | "aliases" | "production">) {
  return new Hono()
    .get("/aliases", async (c) => c.json({ aliases: await aliases.list() }))
    .get("/:model/production", async (c) => {
      const model = parseModelName(c.req.param("model"));
      return c.json({ versions: await production.versions(model), stretches: await production.stretches(model) });
    })
    .get("/:model/aliases", async (c) => {
      const model = parseModelName(c.req.param("model"));
      return c.json({ aliases: await aliases.list(model), moves: await aliases.history(model) });
    })
    .put("/:model/aliases/:alias", jsonBody(aliasChange), async (c) => {
      const { version, expect, comment } = c.req.valid("json");
      const model = parseModelName(c.req.param("model"));
      const expected = typeof expect === "string" ? parseModelVersion(expect) : expect;
      const to = parseModelVersion(version);
      await aliases.move({
        model,
        alias: c.req.param("alias"),
        version: to,
        expect: expected,
        by: "operator",
        comment,
      });
      return c.body(null, 204);
    })
    .delete("/:model/aliases/:alias", async (c) => {
      const model = parseModelName(c.req.param("model"));
      const comment = undefined;
      await aliases.move({ model, alias: c.req.param("alias"), version: undefined, by: "operator", comment });
      return c.body(null, 204);
    })
    .get("/", async (c) => c.json({ models: (await models.list()).map(modelSummary) }))
    .get("/:model/versions/:version", async (c) => {
      const model = parseModelName(c.req.param("model"));
      const version = parseModelVersion(c.req.param("version"));
      const record = await models.get(model, version);
      if (record === undefined) throw new NotFoundError(`there is no ${model}@${version}`);
      return c.json(modelDetail(record));
    })
    .post("/", requireContentType("application/json"), async (c) => {
      // The exact bytes: their digest is the package's name.
      const record = await models.accept(await wholeBody(c, limits.bundleBytes));
      return c.json(modelSummary(record), 201);
    });
}
