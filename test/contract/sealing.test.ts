import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SampleOpener } from "../../control-plane/application/ports.ts";
import { openSampleKey, SampleKeyError } from "../../control-plane/server/sample-key.ts";
import { writePrivateFile } from "../../control-plane/server/private-file.ts";
import { webCrypto } from "../../edge-agent/adapters/browser/web-crypto.ts";
import { nodeCrypto } from "../../edge-agent/adapters/node/node-crypto.ts";
import { UnfitKeyError } from "../../edge-agent/core/ports.ts";
import { encodeGoldenSet } from "../../proto/codec/golden.ts";
import { sampleSealAbout } from "../../proto/codec/sample.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import type { Sample } from "../../proto/telemetry-messages.ts";
import type { GoldenCase } from "../../proto/tensors.ts";
import { aDevice, aSample } from "../support/messages.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// Two programs that share no code of theirs: the agent seals, the control plane opens.

const content: GoldenCase = {
  inputs: [{ name: "image", dataType: "uint8", dims: [1, 4], rawData: Uint8Array.of(1, 2, 3, 4) }],
  outputs: [],
};

let directory: TemporaryDirectory;
let opener: SampleOpener;
beforeAll(async () => {
  directory = await temporaryDirectory();
  opener = await openSampleKey(join(directory.path, "sample-key.pem"));
});
afterAll(() => directory[Symbol.asyncDispose]());

describe.each([
  ["of Node", nodeCrypto],
  ["of browsers", webCrypto],
])("what the adapter %s has sealed", (_which, crypto) => {
  async function sealed(publicKey = opener.publicKey): Promise<Sample> {
    const { kind: _kind, sealed: _sealed, ...head } = aSample();
    const about = sampleSealAbout(aDevice, head);
    return aSample({ sealed: await crypto.seal(publicKey, encodeGoldenSet({ cases: [content] }), about) });
  }

  it("is opened by the holder of the key, also after a restart", async () => {
    const sample = await sealed();
    expect(opener.open(aDevice, sample)).toEqual(content);
    const again = await openSampleKey(join(directory.path, "sample-key.pem"));
    expect(again.publicKey).toBe(opener.publicKey);
    expect(again.open(aDevice, sample)).toEqual(content);
  });

  it("is different each time, and shows nothing of the content", async () => {
    const [one, other] = [await sealed(), await sealed()];
    expect(one.sealed.ephemeralKey).not.toEqual(other.sealed.ephemeralKey);
    expect(one.sealed.ciphertext).not.toEqual(other.sealed.ciphertext);
    expect(Buffer.from(one.sealed.ciphertext).includes("image")).toBe(false);
  });

  it("breaks when anything about it is changed, and when it is another device's", async () => {
    const sample = await sealed();
    const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const { ciphertext, ephemeralKey } = sample.sealed;
    for (let at = 0; at < ciphertext.length; at++)
      expect(opener.open(aDevice, { ...sample, sealed: { ephemeralKey, ciphertext: flipped(ciphertext, at) } })).toBe(
        undefined,
      );
    for (const at of [1, 33, 64])
      expect(opener.open(aDevice, { ...sample, sealed: { ciphertext, ephemeralKey: flipped(ephemeralKey, at) } })).toBe(
        undefined,
      );
    expect(opener.open(aDevice, { ...sample, reason: "uniform" })).toBeUndefined();
    expect(opener.open(aDevice, { ...sample, inclusionProbability: 1 })).toBeUndefined();
    expect(opener.open(parseDeviceId("another-1"), sample)).toBeUndefined();
  });

  it("is not opened with another key", async () => {
    const other = await openSampleKey(join(directory.path, "other.pem"));
    expect(other.open(aDevice, await sealed())).toBeUndefined();
  });

  it("is not made for a key of another kind", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const spki = publicKey.export({ format: "der", type: "spki" }).toString("base64");
    await expect(sealed(spki)).rejects.toThrow(UnfitKeyError);
    const file = join(directory.path, "p384.pem");
    await writePrivateFile(file, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    await expect(openSampleKey(file)).rejects.toThrow(SampleKeyError);
  });
});
