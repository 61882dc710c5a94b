import { noSpaceOr, writeAllAt } from "./durable-files.ts";
import type { FileOperations, OpenFile } from "./file-operations.ts";
import type { Segment } from "./lane-segments.ts";
import { endOf, nextOf } from "./lane-segments.ts";
import { encodeSpoolRecord } from "./spool-segment.ts";

/** A segment to which records are added, with its open file. */
export class GrowingSegment {
  readonly segment: Segment;
  readonly #file: OpenFile;
  #unsynced = false;
  #failedWriteRemains = false;

  private constructor(segment: Segment, file: OpenFile) {
    this.segment = segment;
    this.#file = file;
  }

  static async open(segment: Segment, disk: FileOperations): Promise<GrowingSegment> {
    return new GrowingSegment(segment, await disk.open(segment.path, "in-place"));
  }

  /** True while something was written that a power cut may take back. */
  get isUnsynced(): boolean {
    return this.#unsynced || this.#failedWriteRemains;
  }

  /** Gives the record the next number. `atOnce`: durable when this resolves. */
  async append(record: Uint8Array, atOnce: boolean): Promise<number> {
    const { segment } = this;
    const seq = nextOf(segment);
    const bytes = encodeSpoolRecord(seq, record);
    try {
      await writeAllAt(this.#file, bytes, endOf(segment));
      if (atOnce) await this.#file.datasync();
      else this.#unsynced = true;
    } catch (error) {
      this.#failedWriteRemains = true;
      throw noSpaceOr(error, `record ${seq} could not be appended to ${segment.path}`);
    }
    segment.ends.push(endOf(segment) + bytes.length);
    return seq;
  }

  async sync(): Promise<void> {
    if (this.#failedWriteRemains) {
      // Behind the last record of a segment that no longer grows, it would look like damage.
      await this.#file.truncate(endOf(this.segment));
      this.#failedWriteRemains = false;
      this.#unsynced = true;
    }
    if (!this.#unsynced) return;
    await this.#file.datasync();
    this.#unsynced = false;
  }

  /** The same file under another name. */
  renamedTo(path: string): GrowingSegment {
    const renamed = new GrowingSegment({ ...this.segment, path }, this.#file);
    renamed.#unsynced = this.#unsynced;
    renamed.#failedWriteRemains = this.#failedWriteRemains;
    return renamed;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
