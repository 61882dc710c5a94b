import type { Context } from "hono";
import { Hono } from "hono";
import { NotFoundError } from "../../application/refusals.ts";
import { reachableUrl } from "../host-check.ts";
import type { Services } from "../services.ts";

/**
 * The page with which a browser becomes a device, for everybody: it holds no secret, and without an enrolment token it does nothing.
 * Files whose name holds the hash of their content are kept for ever, all others are asked for again each time.
 */
export function devicePageRoutes({ devicePage, about }: Pick<Services, "devicePage" | "about">) {
  return new Hono().get("/*", async (c) => {
    const path = c.req.path.split("/").slice(2).join("/");
    // Relative addresses in the page start from the directory.
    if (!c.req.path.slice(1).includes("/")) return c.redirect(`${c.req.path.slice(1)}/`, 308);
    return await send(c, path === "" ? "index.html" : path);
  });

  async function send(c: Context, path: string): Promise<Response> {
    const file = await devicePage?.file(path);
    if (file === undefined) throw new NotFoundError(`there is no file ${path} of a device page here`);
    const packed = /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
    return new Response(packed ? await file.gzipped() : file.content, {
      headers: {
        "content-type": file.type,
        "cache-control": file.isForEver ? "public, max-age=31536000, immutable" : "no-cache",
        vary: "accept-encoding",
        "content-security-policy": policyFor(c),
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        ...(packed && { "content-encoding": "gzip" }),
      },
    });
  }

  /** Own code only, no inline code, nothing evaluated but WebAssembly; connections to this server and its broker, and nowhere else. */
  function policyFor(c: Context): string {
    const { mqttWebSocket } = about.addresses();
    const broker = mqttWebSocket === undefined ? [] : [reachableUrl(mqttWebSocket, c.req.header("host") ?? "")];
    return [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "worker-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      `connect-src ${["'self'", ...broker].join(" ")}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; ");
  }
}
