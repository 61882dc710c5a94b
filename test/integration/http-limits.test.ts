import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { createApp } from "../../control-plane/http/app.ts";
import { listenHttp } from "../../control-plane/http/http-server.ts";
import type { Services } from "../../control-plane/http/services.ts";
import { createAddressCap } from "../../control-plane/messaging/address-limits.ts";
import { silentLog } from "../support/agent-world.ts";

const services = {
  proxies: [],
  pageOrigins: [],
  log: silentLog,
  clock: { now: () => 0 },
  about: { addresses: () => ({ http: "http://127.0.0.1" }) },
} as unknown as Services;

async function opened(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** An answer shows that the server has taken the connection. */
async function asked(socket: Socket): Promise<string> {
  socket.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const [head] = (await once(socket, "data")) as [Buffer];
  return head.toString().split("\r\n", 1)[0] ?? "";
}

test("an address has as many connections as it may; one more is ended, and the others answer", async () => {
  const refused: string[] = [];
  const addresses = createAddressCap(2, () => false);
  const binding = { host: "127.0.0.1", port: 0, addresses, onRefused: (address: string) => refused.push(address) };
  await using server = await listenHttp(createApp(services), binding);
  const [first, second] = [await opened(server.url), await opened(server.url)];
  expect([await asked(first), await asked(second)]).toEqual(["HTTP/1.1 200 OK", "HTTP/1.1 200 OK"]);
  const third = await opened(server.url);
  await once(third, "close");
  expect(refused).toEqual(["127.0.0.1"]);
  expect(await asked(first)).toBe("HTTP/1.1 200 OK");
  second.destroy();
  // The server hears of the end of a connection a little later.
  await expect
    .poll(async () => {
      const next = await opened(server.url);
      const closed = once(next, "close").then(() => "closed");
      const answer = await Promise.race([asked(next), closed]).catch(() => "closed");
      next.destroy();
      return answer;
    })
    .toBe("HTTP/1.1 200 OK");
  first.destroy();
});

test("all together have as many as there is room for", async () => {
  const refused: string[] = [];
  const binding = { host: "127.0.0.1", port: 0, connections: 1, onRefused: (address: string) => refused.push(address) };
  await using server = await listenHttp(createApp(services), binding);
  const first = await opened(server.url);
  expect(await asked(first)).toBe("HTTP/1.1 200 OK");
  const second = await opened(server.url);
  await once(second, "close");
  expect(refused).toEqual([""]);
  first.destroy();
});
