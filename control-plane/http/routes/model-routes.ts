import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";
import { NotFoundError } from "../../application/refusals.ts";
import { parseModelName, parseModelVersion } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import { requireContentType, wholeBody } from "../body-checks.ts";
import { operatorIn } from "../credentials.ts";
import { jsonBody } from "../json-body.ts";
import { HttpProblemError, problemOf } from "../problem.ts";
import { choiceFrom } from "../query.ts";
import type { Services } from "../services.ts";
import { modelDetail, modelSummary } from "../views.ts";

const aliasChange = z.strictObject({
  version: z.string(),
  expect: z.string().nullish(),
  comment: z.string().max(limits.reasonCharacters).optional(),
});

const archiveChange = z.strictObject({ comment: z.string().max(limits.reasonCharacters).optional() });
/** Which versions a list shows. */
const archivedChoices = ["none", "only", "all"] as const;

type Needed = Pick<Services, "models" | "aliases" | "archive" | "measureVersion" | "compareVersions" | "production">;

export function modelRoutes(services: Needed) {
  const { models, aliases, archive, production } = services;
  const found = async (c: Context, find: Services["models"]["get"]) => {
    const model = parseModelName(c.req.param("model") ?? "");
    const version = parseModelVersion(c.req.param("version") ?? "");
    const record = await find(model, version);
    if (record === undefined)
      throw new NotFoundError(`there is no ${model}@${version}; "sedge model list --all" names the versions`);
    return record;
  };
  /** For changes: they are of a version, not of what an alias points at just now. */
  const exactly = (c: Context) => found(c, (model, version) => models.get(model, version));
  const named = (c: Context) => found(c, (model, name) => aliases.versionNamed(model, name));
  const archived = async (c: Context, verb: "archive" | "restore", comment: string | undefined) => {
    const record = await exactly(c);
    const { model, version } = record;
    await archive[verb]({ model, version, by: operatorIn(c), comment });
    return c.json(modelSummary(record, await archive.history(model)));
  };

  return new Hono()
    .get("/aliases", async (c) => c.json({ aliases: await aliases.list() }))
    .get("/:model/production", async (c) => {
      const model = parseModelName(c.req.param("model"));
      return c.json({ versions: await production.versions(model), stretches: await production.stretches(model) });
    })
    .get("/:model/compare", async (c) => {
      const model = parseModelName(c.req.param("model"));
      const [a, b] = [c.req.query("a"), c.req.query("b")];
      if (a === undefined || b === undefined)
        throw new HttpProblemError(problemOf("bad-request", "name two versions or aliases: ?a=1&b=2"));
      return c.json(await services.compareVersions(model, parseModelVersion(a), parseModelVersion(b)));
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
        by: operatorIn(c),
        comment,
      });
      return c.body(null, 204);
    })
    .delete("/:model/aliases/:alias", async (c) => {
      const model = parseModelName(c.req.param("model"));
      const comment = undefined;
      await aliases.move({ model, alias: c.req.param("alias"), version: undefined, by: operatorIn(c), comment });
      return c.body(null, 204);
    })
    .get("/", async (c) => {
      const choice = choiceFrom(c.req.query("archived"), "archived", archivedChoices, "none");
      const steps = await archive.history();
      const all = (await models.list()).map((record) => modelSummary(record, steps));
      return c.json({
        models: choice === "all" ? all : all.filter((one) => (one.archived === undefined) === (choice === "none")),
      });
    })
    .get("/:model/versions/:version", async (c) => {
      const record = await named(c);
      return c.json(modelDetail(record, await archive.history(record.model)));
    })
    .get("/:model/versions/:version/measurements", async (c) => c.json(await services.measureVersion(await named(c))))
    .post("/:model/versions/:version/archive", jsonBody(archiveChange), (c) =>
      archived(c, "archive", c.req.valid("json").comment),
    )
    .post("/:model/versions/:version/restore", jsonBody(archiveChange), (c) =>
      archived(c, "restore", c.req.valid("json").comment),
    )
    .post("/", requireContentType("application/json"), async (c) => {
      // The exact bytes: their digest is the package's name.
      const record = await models.accept(await wholeBody(c, limits.bundleBytes), operatorIn(c));
      return c.json(modelSummary(record, await archive.history(record.model)), 201);
    });
}
