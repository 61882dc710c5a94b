import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import type { Server as HttpsServer } from "node:https";
import { createServer as createHttpsServer } from "node:https";
import { createAdaptorServer } from "@hono/node-server";
import { minutes, seconds } from "../../proto/units.ts";
import type { ServerIdentity } from "../application/ports.ts";
import type { AddressCap } from "../messaging/address-limits.ts";
import { capConnections } from "../messaging/address-limits.ts";
import type { AppType } from "./app.ts";

export interface HttpServer extends AsyncDisposable {
  /** Without a slash at the end; the port is the real one. */
  readonly url: string;
}

export interface HttpBinding {
  readonly host: string;
  readonly port: number;
  /** Open at once; further ones are closed as they arrive. */
  readonly connections?: number;
  /** Which of them one address may have; any number where it is left out. */
  readonly addresses?: AddressCap;
  /** Told of the address of each that was one too many, "" where it was one too many of all. */
  readonly onRefused?: (address: string) => void;
}

/** Without a byte in either direction; whoever follows the events hears a heartbeat more often. */
const silentMs = minutes(5);

/** How long running requests may go on after the server has stopped to listen. */
const graceMs = seconds(2);

/** Rejects with Node's own error (`code` EADDRINUSE, EACCES, …) when the address cannot be had. */
export async function listenHttp(app: AppType, bind: HttpBinding, identity?: ServerIdentity): Promise<HttpServer> {
  const limits = {
    headersTimeout: seconds(10),
    // The largest upload over a slow line.
    requestTimeout: minutes(60),
    // Longer than proxies and clients keep a connection that is idle: who asks in the moment in which it is closed gets a reset
    // instead of an answer.
    keepAliveTimeout: seconds(65),
  };
  const common = {
    fetch: app.fetch,
    // Request and Response of the process stay Node's own, for everything else that runs in it.
    overrideGlobalObjects: false,
  };
  const server = (
    identity === undefined
      ? createAdaptorServer({ ...common, serverOptions: limits })
      : createAdaptorServer({
          ...common,
          createServer: createHttpsServer,
          serverOptions: { ...limits, ...identity.current(), handshakeTimeout: seconds(10) },
        })
  ) as Server | HttpsServer;
  server.setTimeout(silentMs, (socket) => void socket.destroy());
  if (bind.connections !== undefined) server.maxConnections = bind.connections;
  server.on("drop", () => bind.onRefused?.(""));
  if (bind.addresses !== undefined) capConnections(server, bind.addresses, bind.onRefused ?? (() => undefined));
  if ("setSecureContext" in server) identity?.onRenewed((renewed) => server.setSecureContext(renewed));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(bind.port, bind.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { address, family, port } = server.address() as AddressInfo;
  return {
    url: `${identity === undefined ? "http" : "https"}://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

async function closeServer(server: Server | HttpsServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // Followers of the events never finish by themselves.
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
