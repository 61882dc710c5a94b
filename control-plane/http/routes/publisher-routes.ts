import { Hono } from "hono";
import { z } from "zod";
import { operatorIn } from "../credentials.ts";
import { jsonBody } from "../json-body.ts";
import type { Services } from "../services.ts";

const publisherBody = z.strictObject({ publicKey: z.base64().min(1).max(1024) });

export function publisherRoutes({ publishers }: Pick<Services, "publishers">) {
  return new Hono()
    .get("/", async (c) => c.json({ publishers: await publishers.list() }))
    .post("/", jsonBody(publisherBody), async (c) =>
      c.json(await publishers.add(c.req.valid("json").publicKey, operatorIn(c)), 201),
    );
}
