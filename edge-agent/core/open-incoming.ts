import type { ChunkedFile } from "../../proto/manifest.ts";
import { openIncomingChunks } from "./incoming-chunks.ts";
import type { IncomingFile, IncomingPorts } from "./incoming-file.ts";

/** Goes on with what an earlier attempt left. Rejects with NoSpaceError. */
export async function openIncoming(file: ChunkedFile, ports: IncomingPorts): Promise<IncomingFile> {
  return file.chunks === undefined ? await openWhole(file, ports) : await openIncomingChunks(file, file.chunks, ports);
}

/** Without hashes of chunks: only at the end it is known whether the file is right. */
async function openWhole({ digest, size }: ChunkedFile, { files }: IncomingPorts): Promise<IncomingFile> {
  const partial = await files.receive(digest, size);
  let length = partial.resumeAt;
  return {
    isProven: false,
    missing: () => (length < size ? { from: length, to: size, chunk: undefined } : undefined),
    async take(bytes) {
      await partial.append(bytes);
      length += bytes.length;
    },
    commit: () => partial.commit(),
    [Symbol.asyncDispose]: () => partial[Symbol.asyncDispose](),
  };
}
