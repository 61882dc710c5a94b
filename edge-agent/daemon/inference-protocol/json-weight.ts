import { kibibytes } from "../../../proto/units.ts";

/** More lists than sixteen pictures of 224 × 224 have, written as deep as their shape. */
const mostContainers = 1_000_000;
/** A request of sixty-four inputs and as many outputs has a few for each. */
const mostMembers = 20_000;
/** Less than this weighs little, whatever it is made of. */
const alwaysRead = kibibytes(64);

const [list, object, member] = [0x5b, 0x7b, 0x3a];

/**
 * Why a text must not be read as JSON, or undefined. What JSON.parse makes of sixteen megabytes depends on what they are: eight million
 * numbers take 100 MB of the daemon's heap, five million empty objects take more than it has, and with that it ends. Lists, objects
 * and colons are counted before, wherever they stand: also in texts, where a request has few.
 */
export function tooHeavyAsJson(text: Uint8Array): string | undefined {
  if (text.length <= alwaysRead) return undefined;
  let containers = 0;
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === list || byte === object) containers++;
    else if (byte === member) members++;
  }
  if (containers > mostContainers)
    return `it has ${containers} lists and objects, more than ${mostContainers}: send a tensor flat, or as binary data`;
  return members > mostMembers ? `its objects have ${members} fields, more than ${mostMembers}` : undefined;
}
