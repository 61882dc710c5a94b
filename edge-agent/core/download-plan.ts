/**
 * Where the next bytes of a file come from.
 *
 * The sources are asked in their order, and each as long as it goes on: one that breaks off is followed by the next, which goes on at the
 * same byte. When all have broken off there is a pause, and then another round; after three rounds the download is given up for now.
 *
 * Where the manifest names the hashes of the file's chunks, a chunk that comes wrong is known at once. It alone is asked for again: of
 * the source that has sent it wrong the fewest times, so of another one first; what follows it comes from the first source again. One that
 * has sent wrong chunks again and again is believed last. A chunk that has come wrong four times ends the download: something on the way,
 * or where the file lies, is broken, and no patience of this device mends it.
 */
export interface DownloadHistory {
  readonly round: number;
  /** Sources that broke off in this round, by their numbers. */
  readonly brokeOff: readonly number[];
  /** For each time that a chunk came wrong: which, and from whom. */
  readonly wrong: readonly WrongDelivery[];
}

export interface WrongDelivery {
  readonly chunk: number;
  readonly source: number;
}

/** Bytes that are missing: a whole number of chunks, of which the first may have begun; one stretch where there are no chunks. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** The chunk that `from` lies in, and where that ends; undefined where there are none. */
  readonly chunk: { readonly index: number; readonly to: number } | undefined;
}

export type DownloadPlan =
  | { readonly kind: "fetch"; readonly source: number; readonly to: number }
  /** After it the next round begins. */
  | { readonly kind: "pause" }
  | { readonly kind: "give-up" }
  | { readonly kind: "damaged"; readonly chunk: number };

export const rounds = 3;
export const maxWrong = 4;
/** A source that has sent so many chunks wrong comes behind the others. */
const believedLastAfter = 3;

export const noHistory: DownloadHistory = { round: 0, brokeOff: [], wrong: [] };

/**
 * Example: of sources 0 and 1, 0 has sent chunk 7 wrong: chunk 7 alone is fetched from 1, and everything behind it from 0.
 *
 * @param sources how many there are
 */
export function planDownload(missing: Stretch, history: DownloadHistory, sources: number): DownloadPlan {
  const { chunk } = missing;
  const senders = history.wrong.filter((one) => one.chunk === chunk?.index).map(({ source }) => source);
  if (chunk !== undefined && senders.length >= maxWrong) return { kind: "damaged", chunk: chunk.index };
  const open = Array.from({ length: sources }, (_, i) => i).filter((source) => !history.brokeOff.includes(source));
  const doubts = (source: number) => {
    const inAll = history.wrong.filter((one) => one.source === source).length;
    const here = senders.filter((sender) => sender === source).length;
    return here * 2 + (inAll >= believedLastAfter ? 1 : 0);
  };
  const [source] = open.toSorted((a, b) => doubts(a) - doubts(b) || a - b);
  if (source === undefined) return { kind: history.round + 1 < rounds ? "pause" : "give-up" };
  return { kind: "fetch", source, to: chunk !== undefined && senders.length > 0 ? chunk.to : missing.to };
}

export function afterBreak(history: DownloadHistory, source: number): DownloadHistory {
  return { ...history, brokeOff: [...history.brokeOff, source] };
}

export function afterWrongChunk(history: DownloadHistory, delivery: WrongDelivery): DownloadHistory {
  return { ...history, wrong: [...history.wrong, delivery] };
}

export function nextRound(history: DownloadHistory): DownloadHistory {
  return { ...history, round: history.round + 1, brokeOff: [] };
}
