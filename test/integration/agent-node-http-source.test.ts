import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { openFileStore } from "../../edge-agent/adapters/node/file-store.ts";
import { httpArtifactSource } from "../../edge-agent/adapters/node/http-artifact-source.ts";
import { ArtifactFetchError } from "../../edge-agent/adapters/portable/artifact-range.ts";
import type { ArtifactSource, FileStore } from "../../edge-agent/core/ports.ts";
import { sha256Of } from "../contract/ports/file-store-contract.ts";
import { aDevice } from "../support/messages.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
const digest = sha256Of(content);
const signal = new AbortController().signal;

interface FileServer extends AsyncDisposable {
  readonly source: ArtifactSource;
  readonly requests: readonly string[];
}

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  silenceMs?: number,
): Promise<FileServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.url ?? ""} ${request.headers.range ?? "whole"}`);
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    requests,
    source: httpArtifactSource({
      server: address,
      device: aDevice,
      secret: "s3",
      ...(silenceMs === undefined ? {} : { silenceMs }),
    }),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** As the control plane does it, up to `cutAfter` bytes of each answer. */
function answerRange(request: IncomingMessage, response: ServerResponse, cutAfter = content.length): void {
  const from = Number(/^bytes=(\d+)-\d+$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (from >= content.length) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  const rest = content.subarray(from);
  const range = { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length, ...(from > 0 ? range : {}) });
  if (rest.length <= cutAfter) response.end(rest);
  else response.write(rest.subarray(0, cutAfter), () => response.destroy());
}

async function bytesFrom(source: ArtifactSource, offset: number, stop = signal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.fetch(digest, offset, stop, content.length)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a file over HTTP", () => {
  it("is asked for with the device's credential, and comes from the offset on", async () => {
    let authorization: string | undefined;
    await using server = await serve((request, response) => {
      authorization = request.headers.authorization;
      answerRange(request, response);
    });
    expect(await bytesFrom(server.source, 0)).toEqual(content);
    expect(await bytesFrom(server.source, 99_000)).toEqual(content.subarray(99_000));
    expect(server.requests).toEqual([`/artifacts/${digest} whole`, `/artifacts/${digest} bytes=99000-99999`]);
    expect(authorization).toBe(`Basic ${Buffer.from(`${aDevice}:s3`).toString("base64")}`);
  });

  it("is nothing more when all of it is there", async () => {
    await using server = await serve(answerRange);
    expect(await bytesFrom(server.source, content.length)).toEqual(Buffer.alloc(0));
  });

  it("comes from the offset on from a server that knows no ranges", async () => {
    await using server = await serve((_request, response) => void response.end(content));
    expect(await bytesFrom(server.source, 70_001)).toEqual(content.subarray(70_001));
  });

  it("is refused when the server sends another part than was asked for", async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(206, { "content-range": "bytes 90-99/100" }).end("0123456789");
    });
    await expect(bytesFrom(server.source, 50)).rejects.toThrow(/"bytes 90-99\/100" .* from 50 on/);
  });

  it("is refused with the server's reason", async () => {
    await using server = await serve((_request, response) => response.writeHead(404).end('{"title":"not found"}'));
    await expect(bytesFrom(server.source, 0)).rejects.toThrow(/status 404: {"title":"not found"}/);
  });

  it("is complete after connections that are cut after 30,000 bytes, each of which begins where the file ended", async () => {
    await using directory = await temporaryDirectory();
    await using server = await serve((request, response) => answerRange(request, response, 30_000));
    const files = await openFileStore({ directory: directory.path });
    const expected: string[] = [];
    let isWhole = false;
    while (!isWhole) {
      expected.push(await rangeThatIsMissing(files));
      isWhole = await receive(files, server.source).then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(ArtifactFetchError);
          return false;
        },
      );
    }
    expect(Buffer.from(await files.read(digest))).toEqual(content);
    expect(server.requests.map((request) => request.split(" ")[1])).toEqual(expected);
    // What lay in the socket's buffers when the connection ended may have been lost, and is fetched again; never more than it.
    expect(expected.length).toBeGreaterThanOrEqual(4);
  });

  it("is given up when the server falls silent, and when the caller wants it no longer", async () => {
    await using silent = await serve(() => undefined, 50);
    await expect(bytesFrom(silent.source, 0)).rejects.toThrow(/sent nothing for 50 ms/);

    const stop = new AbortController();
    await using slow = await serve((_request, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 10), () => stop.abort(new Error("enough")));
    });
    await expect(bytesFrom(slow.source, 0, stop.signal)).rejects.toThrow("enough");
  });

  it("is given up when the server falls silent in the middle", async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 10));
    }, 50);
    await expect(bytesFrom(server.source, 0)).rejects.toThrow(ArtifactFetchError);
  });

  it("waits for a reader that takes longer than a silence: what has come lies here", async () => {
    const large = Buffer.alloc(8_000_000, 1);
    await using server = await serve((_request, response) => {
      response.writeHead(200, { "content-length": large.length }).end(large);
    }, 500);
    let silent: Promise<unknown> = Promise.resolve();
    const hearSocket = (opened: unknown) => {
      silent = once((opened as { readonly socket: Socket }).socket, "timeout");
    };
    subscribe("net.client.socket", hearSocket);
    let length = 0;
    for await (const bytes of server.source.fetch(digest, 0, signal, large.length)) {
      if (length === 0) await silent;
      length += bytes.length;
    }
    unsubscribe("net.client.socket", hearSocket);
    expect(length).toBe(large.length);
  });

  it("is not there when nobody listens", async () => {
    const source = httpArtifactSource({ server: "http://127.0.0.1:1", device: aDevice, secret: "s3" });
    await expect(bytesFrom(source, 0)).rejects.toThrow(/could not be fetched: .*ECONNREFUSED/);
  });
});

/** As a request names it. */
async function rangeThatIsMissing(files: FileStore): Promise<string> {
  await using partial = await files.receive(digest, content.length);
  return partial.resumeAt === 0 ? "whole" : `bytes=${partial.resumeAt}-${content.length - 1}`;
}

async function receive(files: FileStore, source: ArtifactSource): Promise<void> {
  await using partial = await files.receive(digest, content.length);
  for await (const bytes of source.fetch(digest, partial.resumeAt, signal, content.length)) await partial.append(bytes);
  await partial.commit();
}
