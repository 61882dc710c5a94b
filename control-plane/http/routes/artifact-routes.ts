import type { Context } from "hono";
import { Hono } from "hono";
import { NotFoundError } from "../../application/refusals.ts";
import { parseDigest } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import { bodyChunks, requireContentType } from "../body-checks.ts";
import { byteRange } from "../byte-range.ts";
import { HttpProblemError, problemOf } from "../problem.ts";
import type { Services } from "../services.ts";

type Artifacts = Services["artifacts"];

/** Files by their digest, for devices: whole or one range of them, so that a download goes on where it was cut. */
export function artifactDownloadRoutes({ artifacts }: Pick<Services, "artifacts">) {
  return new Hono().get("/:digest", (c) => sendArtifact(c, artifacts, c.req.param("digest")));
}

/** The same for the operator, and the way in. */
export function artifactRoutes({ artifacts }: Pick<Services, "artifacts">) {
  return new Hono()
    .get("/:digest", (c) => sendArtifact(c, artifacts, c.req.param("digest")))
    .put("/:digest", requireContentType("application/octet-stream"), async (c) => {
      const digest = parseDigest(c.req.param("digest"));
      // A name is a hash of the bytes: what is there is what would be sent.
      // The body stays unread, so this connection cannot carry another request.
      if (await artifacts.has(digest)) return c.body(null, 204, { connection: "close" });
      await artifacts.put(digest, bodyChunks(c, limits.variantBytes));
      return c.body(null, 201);
    });
}

async function sendArtifact(c: Context, artifacts: Artifacts, name: string): Promise<Response> {
  const digest = parseDigest(name);
  const size = await artifacts.size(digest);
  if (size === undefined) throw new NotFoundError(`there is no artifact ${digest}`);
  const etag = `"${digest}"`;
  // A condition that does not hold makes the Range header void (RFC 9110 §13.1.5).
  const condition = c.req.header("if-range");
  const range =
    condition === undefined || condition === etag ? byteRange(c.req.header("range"), size) : { kind: "whole" as const };
  if (range.kind === "unsatisfiable")
    throw new HttpProblemError(problemOf("range-not-satisfiable", `the file has ${size} bytes`), {
      "content-range": `bytes */${size}`,
    });
  const { from, to } = range.kind === "part" ? range : { from: 0, to: size };
  const headers: Record<string, string> = {
    etag,
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "content-length": String(to - from),
    "cache-control": "private, max-age=31536000, immutable",
    ...(range.kind === "part" && { "content-range": `bytes ${from}-${to - 1}/${size}` }),
  };
  const status = range.kind === "part" ? 206 : 200;
  if (c.req.method === "HEAD") return new Response(null, { status, headers });
  return new Response(ReadableStream.from(artifacts.stream(digest, from, to)), { status, headers });
}
