import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { minutes, seconds } from "../../proto/units.ts";
import type { AppType } from "./app.ts";

export interface HttpServer extends AsyncDisposable {
  /** Without a slash at the end; the port is the real one. */
  readonly url: string;
}

/** How long running requests may go on after the server has stopped to listen. */
const graceMs = seconds(2);

/** Rejects with Node's own error (`code` EADDRINUSE, EACCES, …) when the address cannot be had. */
export async function listenHttp(
  app: AppType,
  bind: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    // Request and Response of the process stay Node's own, for everything else that runs in it.
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: seconds(10),
      // The largest upload over a slow line.
      requestTimeout: minutes(60),
    },
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(bind.port, bind.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // Followers of the events never finish by themselves.
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
