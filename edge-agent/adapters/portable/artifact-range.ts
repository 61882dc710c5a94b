export class ArtifactFetchError extends Error {
  override readonly name = "ArtifactFetchError";
}

/** The head of an answer to `GET <artifact>` with `Range: bytes=<offset>-`. */
export interface RangeAnswer {
  readonly status: number;
  readonly contentRange: string;
}

/**
 * How many bytes of the answer come before the offset: a server may ignore the range and send the whole file. "nothing" where
 * nothing is behind the offset: the whole file was there already. Undefined for a refusal. Throws ArtifactFetchError for a range
 * that was not asked for.
 *
 * Example: from 100 on, `206` with `bytes 96-199/200` begins with 4 bytes to skip.
 */
export function bytesToSkip(
  { status, contentRange }: RangeAnswer,
  digest: string,
  offset: number,
): number | "nothing" | undefined {
  if (status === 416 && offset > 0) return "nothing";
  if (status === 200) return offset;
  if (status !== 206) return undefined;
  const range = /^bytes (\d+)-/.exec(contentRange);
  if (range !== null && Number(range[1]) <= offset) return offset - Number(range[1]);
  throw new ArtifactFetchError(
    `the server sent "${contentRange}" of ${digest} where bytes from ${offset} on were asked for`,
  );
}
