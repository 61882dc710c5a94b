import { once } from "node:events";
import type { IncomingMessage, Server as HttpServer } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import type { Server as TlsServer } from "node:tls";
import { WebSocketServer, createWebSocketStream } from "ws";
import type { ServerIdentity } from "../application/ports.ts";
import type { AddressCap, IsExempt } from "./address-limits.ts";
import { capConnections, createAddressCap } from "./address-limits.ts";
import type { BrokerLimits } from "./broker-limits.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export class PortInUseError extends Error {
  override readonly name = "PortInUseError";
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number, purpose: string, cause: unknown) {
    super(
      `Port ${port} on ${host} is already in use, so ${purpose} cannot listen there. ` +
        `Stop the program that holds it, or choose another port (0 takes a free one).`,
      { cause },
    );
    this.host = host;
    this.port = port;
  }
}

export class CannotListenError extends Error {
  override readonly name = "CannotListenError";
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number, purpose: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${purpose} cannot listen on ${host} port ${port}: ${why}. Check that the address belongs to this machine.`, {
      cause,
    });
    this.host = host;
    this.port = port;
  }
}

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** No WebSocket listener when it is left out. */
  readonly webSocketPort?: number | undefined;
  /** Pages that may connect, by their origin ("https://console.example"). Clients that name no origin are no pages. */
  readonly webSocketOrigins: readonly string[];
  /** Whether a page that this program serves itself has this origin, for a browser that reached it under `host`. */
  readonly isOwnOrigin: (origin: string, host: string) => boolean;
  /** Both ports speak TLS, and prove themselves with this. */
  readonly identity?: ServerIdentity | undefined;
  readonly limits: BrokerLimits;
  readonly onStream: (stream: Duplex, request?: IncomingMessage) => void;
  readonly onTooManyConnections: () => void;
  /** Addresses whose connections are not counted by themselves. */
  readonly isExempt: IsExempt;
  readonly onTooManyOfAddress: (address: string) => void;
  /** A client that wanted no TLS, or another one. */
  readonly onHandshakeFailure: (error: Error) => void;
  /** An error of a listening server after it has started; the listener goes on. */
  readonly onError: (error: Error) => void;
}

export interface BrokerListeners {
  readonly address: ListenAddress;
  readonly webSocketAddress: ListenAddress | undefined;
  /** Takes no new connections; the open ones live on. */
  stopAccepting(): void;
  /** Ends every socket, those that never became a client included, and resolves when the ports are free. */
  close(): Promise<void>;
}

/** @throws PortInUseError, CannotListenError; nothing is left listening then. */
export async function listen(options: ListenerOptions): Promise<BrokerListeners> {
  const addresses = createAddressCap(options.limits.connectionsOfAddress, options.isExempt);
  const tcp = await listenForTcp(options, addresses);
  try {
    const webSocket =
      options.webSocketPort === undefined
        ? undefined
        : await listenForWebSockets(options, options.webSocketPort, addresses);
    const all = webSocket === undefined ? [tcp] : [tcp, webSocket];
    return {
      address: tcp.address,
      webSocketAddress: webSocket?.address,
      stopAccepting: () => all.forEach((listener) => listener.stopAccepting()),
      close: async () => {
        await Promise.all(all.map((listener) => listener.close()));
      },
    };
  } catch (error) {
    await tcp.close();
    throw error;
  }
}

interface Listener {
  readonly address: ListenAddress;
  stopAccepting(): void;
  close(): Promise<void>;
}

async function listenForTcp(options: ListenerOptions, addresses: AddressCap): Promise<Listener> {
  const { identity, limits } = options;
  // One that was turned away is still announced.
  const onStream = (socket: Socket) => {
    if (!socket.destroyed) options.onStream(socket);
  };
  const socketOptions = { noDelay: true, keepAlive: true };
  const server =
    identity === undefined
      ? createServer(socketOptions, onStream)
      : createTlsServer(
          { ...socketOptions, ...identity.current(), handshakeTimeout: limits.connectTimeoutMs },
          onStream,
        );
  return startListening(server, options.port, "the MQTT broker", options, addresses);
}

async function listenForWebSockets(options: ListenerOptions, port: number, addresses: AddressCap): Promise<Listener> {
  const { identity, limits, onStream } = options;
  const serverOptions = { noDelay: true, keepAlive: true, headersTimeout: limits.connectTimeoutMs };
  const server =
    identity === undefined
      ? createHttpServer(serverOptions)
      : createHttpsServer({ ...serverOptions, ...identity.current(), handshakeTimeout: limits.connectTimeoutMs });
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: () => "mqtt",
    // A browser may join packets that waited into one WebSocket message, so this is larger than one packet; the packets
    // in it are measured one by one afterwards.
    maxPayload: 4 * limits.packetBytes,
  });
  server.on("request", (_request, response) => {
    response.writeHead(426, { "content-type": "text/plain", connection: "close" });
    response.end("This port speaks MQTT over WebSocket, subprotocol mqtt.\n");
  });
  server.on("upgrade", (request, socket, head) => {
    const refusal = upgradeRefusal(request, options);
    if (refusal !== undefined) {
      socket.on("error", () => socket.destroy());
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      // [MQTT-6.0.0-1]: control packets travel in binary frames only.
      webSocket.on("message", (_data, isBinary) => {
        if (!isBinary) webSocket.close(1003);
      });
      onStream(createWebSocketStream(webSocket), request);
    });
  });
  return startListening(server, port, "MQTT over WebSocket", options, addresses);
}

function upgradeRefusal(
  request: IncomingMessage,
  { webSocketOrigins, isOwnOrigin }: Pick<ListenerOptions, "webSocketOrigins" | "isOwnOrigin">,
): string | undefined {
  const protocols = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!protocols.includes("mqtt")) return "400 Bad Request";
  const { origin, host = "" } = request.headers;
  if (origin === undefined || webSocketOrigins.includes(origin) || isOwnOrigin(origin, host)) return undefined;
  return "403 Forbidden";
}

async function startListening(
  server: Server | HttpServer | TlsServer,
  port: number,
  purpose: string,
  options: ListenerOptions,
  addresses: AddressCap,
): Promise<Listener> {
  const { host, identity, limits, onTooManyConnections, onHandshakeFailure, onError } = options;
  capConnections(server, addresses, options.onTooManyOfAddress);
  // A server that is closed waits for its sockets, and a socket that never sent CONNECT belongs to nobody else.
  const sockets = new Set<Socket>();
  server.maxConnections = limits.connections;
  server.on("drop", onTooManyConnections);
  if ("setSecureContext" in server) {
    server.on("tlsClientError", (error, socket) => {
      onHandshakeFailure(error);
      // Node leaves one open that only took too long.
      socket.destroy();
    });
    identity?.onRenewed((renewed) => server.setSecureContext(renewed));
  }
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  try {
    server.listen({ host, port, backlog: 4096 });
    await once(server, "listening");
  } catch (cause) {
    const inUse = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    throw inUse ? new PortInUseError(host, port, purpose, cause) : new CannotListenError(host, port, purpose, cause);
  }
  server.on("error", onError);
  const bound = server.address() as AddressInfo;
  let closed: Promise<unknown> | undefined;
  const stopAccepting = () => {
    closed ??= once(server, "close");
    if (server.listening) server.close();
  };
  return {
    address: { host: bound.address, port: bound.port },
    stopAccepting,
    async close() {
      stopAccepting();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
