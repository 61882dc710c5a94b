import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";
import { noSuchRollout } from "../../application/rollout-commands.ts";
import type { RolloutCommand } from "../../domain/rollout/rollout.ts";
import { parseRolloutId } from "../../../proto/ids.ts";
import { operatorIn } from "../credentials.ts";
import { jsonBody } from "../json-body.ts";
import { countFrom } from "../query.ts";
import type { Services } from "../services.ts";
import type { RolloutDetail, RolloutPage } from "../views.ts";

// Types only: what the numbers may be is the domain's to say, which names every mistake.
const milliseconds = z.number();
const startBody = z.strictObject({
  id: z.string().optional(),
  model: z.string(),
  version: z.string(),
  selector: z.string().optional(),
  stages: z
    .array(
      z.strictObject({
        percent: z.number(),
        name: z.string().optional(),
        shadow: z.strictObject({ share: z.number() }).optional(),
        soakMs: milliseconds.optional(),
        minInferences: z.number().optional(),
        evidenceTimeoutMs: milliseconds.optional(),
      }),
    )
    .optional(),
  // Null switches a gate off.
  gates: z
    .strictObject({
      maxFailedUpdates: z.number(),
      maxErrorRate: z.number().nullable(),
      maxLatencyRatio: z.number().nullable(),
      maxOutputDrift: z.number().nullable(),
      maxWrongAnswers: z.number().nullable(),
      maxDisagreement: z.number().nullable(),
    })
    .partial()
    .optional(),
  onFailure: z.enum(["roll-back", "pause"]).optional(),
  deviceTimeoutMs: milliseconds.optional(),
  soak: z
    .strictObject({
      durationMs: milliseconds,
      minInferences: z.number(),
      deadlineMs: milliseconds,
      maxErrorShare: z.number(),
    })
    .partial()
    .optional(),
});

/** In one answer. */
const mostRollouts = 200;

const commandBody = z.strictObject({ reason: z.string().max(512).default("") });

export function rolloutRoutes({ rollouts }: Pick<Services, "rollouts">) {
  const commanded = async (c: Context, id: string, command: RolloutCommand) =>
    c.json(await rollouts.command(parseRolloutId(id), command, operatorIn(c)));

  return new Hono()
    .get("/", async (c) => {
      const after = c.req.query("after");
      const limit = countFrom(c.req.query("limit"), "limit", { least: 1, most: mostRollouts, otherwise: mostRollouts });
      const found = await rollouts.page(after === undefined ? undefined : parseRolloutId(after), limit + 1);
      const listed = found.slice(0, limit);
      const next = found.length > limit ? listed.at(-1)?.id : undefined;
      const page: RolloutPage = { rollouts: listed, ...(next !== undefined && { next }) };
      return c.json(page);
    })
    .post("/", jsonBody(startBody), async (c) => c.json(await rollouts.start(c.req.valid("json"), operatorIn(c)), 201))
    .get("/:id", async (c) => {
      const id = parseRolloutId(c.req.param("id"));
      const rollout = await rollouts.get(id);
      if (rollout === undefined) throw noSuchRollout(id);
      const detail: RolloutDetail = { ...rollout, updates: await rollouts.updates(id) };
      return c.json(detail);
    })
    .post("/:id/pause", jsonBody(commandBody), (c) =>
      commanded(c, c.req.param("id"), { kind: "pause", reason: c.req.valid("json").reason }),
    )
    .post("/:id/resume", (c) => commanded(c, c.req.param("id"), { kind: "resume" }))
    .post("/:id/abort", jsonBody(commandBody), (c) =>
      commanded(c, c.req.param("id"), { kind: "abort", reason: c.req.valid("json").reason }),
    )
    .post("/:id/roll-back", jsonBody(commandBody), (c) =>
      commanded(c, c.req.param("id"), { kind: "roll-back", reason: c.req.valid("json").reason }),
    );
}
