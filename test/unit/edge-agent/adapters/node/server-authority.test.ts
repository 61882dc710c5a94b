import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createSecureContext, createServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findServerAuthority } from "../../../../../edge-agent/adapters/node/server-authority.ts";
import { authorityFingerprint, tlsFiles } from "../../../../fixtures/tls-files.ts";

const never = new AbortController().signal;
let namesAsked: string[] = [];
let port = 0;
let close = () => {};

beforeAll(async () => {
  const [cert, key] = await Promise.all([readFile(tlsFiles.server.certificate), readFile(tlsFiles.server.key)]);
  const server = createServer({
    cert,
    key,
    SNICallback: (name, done) => {
      namesAsked.push(name);
      done(null, createSecureContext({ cert, key }));
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  close = () => server.close();
});
afterAll(() => close());

describe("the authority that a fingerprint names", () => {
  it.each([
    ["a server that is named", "localhost", ["localhost"]],
    ["an address", "127.0.0.1", []],
  ])("is found where %s is asked: a server of several names hears which is meant", async (_case, host, asked) => {
    namesAsked = [];
    const pem = await findServerAuthority(`sha256:${authorityFingerprint}`, new URL(`https://${host}:${port}`), never);
    expect(pem).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(namesAsked).toEqual(asked);
  });
});
