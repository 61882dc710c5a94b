import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { seconds } from "../../../proto/units.ts";
import { operatorOf } from "../credentials.ts";
import { followEvents } from "../follow-events.ts";
import { HttpProblemError, problemOf } from "../problem.ts";
import { countFrom } from "../query.ts";
import type { Services } from "../services.ts";

const maxEvents = 1_000;
/** Each follower holds a socket and reads the database on every event. */
const maxFollowers = 64;
/** Proxies close connections that are silent for a minute. */
const heartbeatMs = seconds(15);
const highestSeq = Number.MAX_SAFE_INTEGER;

export function eventRoutes({ events, operators, log }: Pick<Services, "events" | "operators" | "log">) {
  let followers = 0;

  return new Hono()
    .get("/", async (c) => {
      const limit = countFrom(c.req.query("limit"), "limit", { least: 1, most: maxEvents, otherwise: 100 });
      const after = c.req.query("after");
      return c.json({
        events:
          after === undefined
            ? await events.last(limit)
            : await events.after(countFrom(after, "after", { most: highestSeq, otherwise: 0 }), limit),
      });
    })
    .get("/stream", async (c) => {
      const from = c.req.header("last-event-id") ?? c.req.query("after");
      // Without a place to start from, only what is new is told.
      const newest = (await events.last(1)).at(-1)?.seq ?? 0;
      const after = countFrom(from, "Last-Event-ID", { most: highestSeq, otherwise: newest });
      if (followers >= maxFollowers)
        throw new HttpProblemError(problemOf("unavailable", `${followers} programs follow the events already`), {
          "retry-after": "5",
        });
      followers++;
      return streamSSE(c, async (stream) => {
        const ended = new AbortController();
        stream.onAbort(() => ended.abort());
        try {
          for await (const event of followEvents(events, after, heartbeatMs, ended.signal)) {
            // An operator may have been removed since; the removal itself is an event, so this ends at once.
            if ((await operatorOf(c, operators)) === undefined) break;
            if (event === "heartbeat") await stream.write(": still here\n\n");
            else await stream.writeSSE({ id: String(event.seq), event: event.kind, data: JSON.stringify(event) });
          }
        } catch (error) {
          // The head of the answer is sent already: the end of the stream is all that can be told, and the client comes back.
          log.error({ err: error }, "a stream of events ended");
        } finally {
          followers--;
        }
      });
    });
}
