import type { DeviceId } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { BlockData, BlockRequest } from "../../proto/messages.ts";
import type { ArtifactStore, DeviceGateway, Logger } from "../application/ports.ts";

/**
 * Files for devices that reach nothing but the MQTT port, block by block. The device pulls: it asks for a range, and for
 * the next when that has come, so its own link sets the pace, and it asks again for what got lost. Nothing is
 * remembered between two requests. A file is named by its hash, and a device learns a hash from its signed assignment.
 */
export interface BlockServer {
  /** Answers one request with the block or with the reason why there is none. Never rejects. */
  answer(device: DeviceId, request: BlockRequest): Promise<void>;
}

export interface BlockServerOptions {
  readonly artifacts: Pick<ArtifactStore, "size" | "readRange">;
  readonly gateway: Pick<DeviceGateway, "send">;
  readonly log: Pick<Logger, "warn">;
}

export function createBlockServer({ artifacts, gateway, log }: BlockServerOptions): BlockServer {
  const beingAnswered = new Map<DeviceId, number>();

  async function readBlock({ digest, offset, length }: BlockRequest): Promise<BlockData> {
    const refusal = (size: number, error: string): BlockData => ({
      kind: "block-data",
      digest,
      offset,
      size,
      data: new Uint8Array(0),
      error,
    });
    const size = await artifacts.size(digest);
    if (size === undefined) return refusal(0, "there is no such file");
    if (offset >= size) return refusal(size, `the file ends at ${size}, before offset ${offset}`);
    const data = await artifacts.readRange(digest, offset, Math.min(length, limits.blockBytes, size - offset));
    if (data === undefined) return refusal(size, "the file was taken away");
    return { kind: "block-data", digest, offset, size, data, error: "" };
  }

  return {
    async answer(device, request) {
      const open = beingAnswered.get(device) ?? 0;
      // The contract allows a device so many; what it asks for beyond that it will ask for again.
      if (open >= limits.blocksInFlight) return;
      beingAnswered.set(device, open + 1);
      try {
        await gateway.send(device, await readBlock(request));
      } catch (error) {
        log.warn({ device, digest: request.digest, err: error }, "a block could not be read");
      } finally {
        const left = (beingAnswered.get(device) ?? 1) - 1;
        if (left === 0) beingAnswered.delete(device);
        else beingAnswered.set(device, left);
      }
    },
  };
}
