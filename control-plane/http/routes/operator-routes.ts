import { Hono } from "hono";
import { z } from "zod";
import { operatorIn } from "../credentials.ts";
import { jsonBody } from "../json-body.ts";
import type { Services } from "../services.ts";

const operatorBody = z.strictObject({ name: z.string().max(256) });

export function operatorRoutes({ operators }: Pick<Services, "operators">) {
  return new Hono()
    .get("/", async (c) => c.json({ operators: await operators.list() }))
    .post("/", jsonBody(operatorBody), async (c) => {
      const { operator, token } = await operators.add(c.req.valid("json").name, operatorIn(c));
      return c.json({ ...operator, token }, 201);
    })
    .delete("/:name", async (c) => {
      await operators.remove(c.req.param("name"), operatorIn(c));
      return c.body(null, 204);
    });
}
