import type { ChunkHashes } from "../../proto/chunk-hashes.ts";
import { digestsOfChunks } from "../../proto/chunk-hashes.ts";
import type { Digest } from "../../proto/ids.ts";
import type { FileReference } from "../../proto/manifest.ts";
import { joined } from "../../proto/sealing.ts";
import type { Stretch } from "./download-plan.ts";
import type { IncomingFile, IncomingPorts } from "./incoming-file.ts";
import { WrongChunkError } from "./incoming-file.ts";
import type { PartialFile } from "./ports.ts";

/** The chunk that is coming. It is written when it is found right: what the disk holds beside the last few bytes was right once. */
interface Coming {
  readonly index: number;
  readonly pieces: Uint8Array[];
  length: number;
  /** So many bytes at its beginning were on the disk already, and nothing is known of them. */
  readonly found: number;
}

/**
 * A file whose chunks are compared with their hashes as they come. What an earlier attempt left is compared first: every chunk that is
 * still right stays, wherever a power cut or the disk has spoilt others. Bytes of a chunk that has only begun stay too: a link that
 * never lasts for a whole chunk must get on as well.
 */
export async function openIncomingChunks(
  file: FileReference,
  chunks: ChunkHashes,
  ports: IncomingPorts,
): Promise<IncomingFile> {
  const partial = await ports.files.receive(file.digest, file.size);
  try {
    const incoming = new IncomingChunks(file, chunks, partial, ports);
    await incoming.compareWhatIsThere();
    return incoming;
  } catch (error) {
    await partial[Symbol.asyncDispose]();
    throw error;
  }
}

class IncomingChunks implements IncomingFile {
  readonly isProven = true;
  readonly #file: FileReference;
  readonly #chunkBytes: number;
  readonly #digests: readonly Digest[];
  readonly #partial: PartialFile;
  readonly #ports: IncomingPorts;
  readonly #right: boolean[];
  /** Bytes in the partial file. */
  #length: number;
  #coming: Coming | undefined;
  /** Chunks of which the disk holds a beginning that is known to be no good. */
  readonly #spoilt = new Set<number>();

  constructor(file: FileReference, chunks: ChunkHashes, partial: PartialFile, ports: IncomingPorts) {
    this.#file = file;
    this.#chunkBytes = chunks.bytes;
    this.#digests = digestsOfChunks(chunks) ?? [];
    this.#partial = partial;
    this.#ports = ports;
    this.#length = partial.resumeAt;
    this.#right = this.#digests.map(() => false);
  }

  async compareWhatIsThere(): Promise<void> {
    for (const [index, digest] of this.#digests.entries()) {
      if (this.#endOf(index) > this.#length) break;
      const start = this.#startOf(index);
      const bytes = await this.#partial.read(start, this.#endOf(index) - start);
      this.#right[index] = (await this.#ports.crypto.digest(bytes)) === digest;
    }
    const right = this.#right.filter(Boolean).length;
    const whole = Math.floor(this.#length / this.#chunkBytes);
    if (right < whole)
      this.#ports.log.warn(
        { file: this.#file.digest, chunks: whole, spoilt: whole - right },
        "some of what had come of a file was spoilt since; only that is fetched again",
      );
  }

  missing(): Stretch | undefined {
    const index = this.#right.indexOf(false);
    if (index < 0) return undefined;
    const next = this.#right.indexOf(true, index);
    const last = next < 0 ? this.#right.length - 1 : next - 1;
    const begun = this.#coming?.index === index ? this.#coming.length : this.#foundOf(index);
    const chunk = { index, to: this.#endOf(index) };
    return { from: this.#startOf(index) + begun, to: this.#endOf(last), chunk };
  }

  async take(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const index = this.#right.indexOf(false);
      if (index < 0) throw new Error(`nothing is missing of ${this.#file.digest}`);
      const coming = await this.#comingOf(index);
      const room = this.#endOf(index) - this.#startOf(index) - coming.length;
      const piece = rest.subarray(0, room);
      coming.pieces.push(piece);
      coming.length += piece.length;
      rest = rest.subarray(piece.length);
      if (piece.length === room) await this.#finish(coming);
    }
  }

  async commit(): Promise<void> {
    await this.#partial.commit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#keepWhatHasBegun();
    } catch (error) {
      this.#ports.log.warn({ file: this.#file.digest, failure: String(error) }, "the beginning of a chunk is lost");
    } finally {
      await this.#partial[Symbol.asyncDispose]();
    }
  }

  async #comingOf(index: number): Promise<Coming> {
    if (this.#coming?.index === index) return this.#coming;
    const found = this.#foundOf(index);
    const pieces = found > 0 ? [await this.#partial.read(this.#startOf(index), found)] : [];
    this.#coming = { index, pieces, length: found, found };
    return this.#coming;
  }

  async #finish(coming: Coming): Promise<void> {
    const { index, found } = coming;
    const content = joined(...coming.pieces);
    this.#coming = undefined;
    if ((await this.#ports.crypto.digest(content)) !== this.#digests[index]) {
      this.#spoilt.add(index);
      const from = this.#startOf(index);
      throw new WrongChunkError(index, found === 0, `bytes ${from} to ${from + content.length - 1} came wrong`);
    }
    const start = this.#startOf(index);
    const onDisk = Math.max(0, Math.min(content.length, this.#length - start));
    if (onDisk > found) await this.#partial.overwrite(start + found, content.subarray(found, onDisk));
    if (onDisk < content.length) await this.#partial.append(content.subarray(onDisk));
    this.#length = Math.max(this.#length, start + content.length);
    this.#right[index] = true;
  }

  /** Only at the end of the file: a beginning in the midst of what was wrong says nothing to whoever goes on. */
  async #keepWhatHasBegun(): Promise<void> {
    if (this.#coming === undefined) return;
    const { index, pieces, found } = this.#coming;
    const bytes = joined(...pieces).subarray(found);
    if (bytes.length > 0 && this.#length === this.#startOf(index) + found) await this.#partial.append(bytes);
  }

  /** How much of a chunk that never was complete is on the disk. */
  #foundOf(index: number): number {
    const found = this.#length - this.#startOf(index);
    return found > 0 && this.#length < this.#endOf(index) && !this.#spoilt.has(index) ? found : 0;
  }

  #startOf(index: number): number {
    return index * this.#chunkBytes;
  }

  #endOf(index: number): number {
    return Math.min(this.#file.size, (index + 1) * this.#chunkBytes);
  }
}
