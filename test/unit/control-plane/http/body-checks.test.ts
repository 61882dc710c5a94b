import { Hono } from "hono";
import { expect, test } from "vitest";
import { bodyChunks } from "../../../../control-plane/http/body-checks.ts";
import type { HttpProblemError } from "../../../../control-plane/http/problem.ts";
import { problemResponse } from "../../../../control-plane/http/problem.ts";

/** Counts the bytes of a body that is given up when nothing came for a few milliseconds. */
const app = new Hono()
  .onError((error) => problemResponse((error as HttpProblemError).problem))
  .post("/", async (c) => {
    let bytes = 0;
    for await (const chunk of bodyChunks(c, 100, 20)) bytes += chunk.length;
    return c.text(String(bytes));
  });

function post(body: ReadableStream<Uint8Array>) {
  const request = new Request("http://localhost/", { method: "POST", body, duplex: "half" } as RequestInit);
  return app.request(request);
}

test("a body that stops to come is given up, and its sender told", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: () => void (cancelled = true),
  });
  const response = await post(body);
  expect(response.status).toBe(408);
  expect(await response.json()).toMatchObject({ type: "urn:sedge:problem:request-timeout" });
  expect(cancelled).toBe(true);
});

test("a body that comes is taken whole, one that is too large is not read to its end", async () => {
  const bodyOf = (chunks: number) => {
    let left = chunks;
    return new ReadableStream<Uint8Array>({
      pull: (controller) => (left-- > 0 ? controller.enqueue(new Uint8Array(10)) : controller.close()),
    });
  };
  expect(await (await post(bodyOf(10))).text()).toBe("100");
  expect((await post(bodyOf(1_000_000))).status).toBe(413);
});
