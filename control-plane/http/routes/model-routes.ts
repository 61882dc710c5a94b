import { Hono } from "hono";
import { NotFoundError } from "../../application/refusals.ts";
import { parseModelName, parseModelVersion } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import { requireContentType, wholeBody } from "../body-checks.ts";
import type { Services } from "../services.ts";
import { modelDetail, modelSummary } from "../views.ts";

export function modelRoutes({ models }: Pick<Services, "models">) {
  return new Hono()
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
