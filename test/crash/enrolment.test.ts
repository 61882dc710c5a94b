import { describe, expect, it } from "vitest";
import type { Enrolment } from "../../edge-agent/adapters/node/credential-store.ts";
import { loadEnrolment, saveEnrolment } from "../../edge-agent/adapters/node/credential-store.ts";
import { aSigningKey } from "../support/agent-control.ts";
import { aDevice } from "../support/messages.ts";
import { dataDirectory } from "./crash-world.ts";
import { emptyDisk } from "./disk-operations.ts";
import { LossyFiles } from "./lossy-files.ts";
import { possibleImages } from "./possible-images.ts";

const { keyId, publicKey } = aSigningKey();

function anEnrolment(secret: string): Enrolment {
  const key = { keyId, publicKey };
  return {
    server: "http://127.0.0.1:1",
    secret,
    mqttUrls: ["mqtt://127.0.0.1:1"],
    hardware: undefined,
    trust: { device: aDevice, director: key, publishers: [key] },
  };
}

describe.each(["posix", "ext4"] as const)("a power cut while a device is enrolled, by the rules of %s", (rules) => {
  it("leaves no enrolment or a whole one, and from the end of each on that one or the next", async () => {
    const disk = new LossyFiles(emptyDisk);
    const secrets = ["first", "second", "third"];
    const endsAt: number[] = [];
    for (const secret of secrets) {
      await saveEnrolment(dataDirectory, anEnrolment(secret), disk);
      endsAt.push(disk.operations.length);
    }
    let images = 0;
    for (const { cut, image } of possibleImages(emptyDisk, disk.operations, { rules, perCut: 512, seed: 1 })) {
      images++;
      const found = await loadEnrolment(dataDirectory, new LossyFiles(image));
      const saved = endsAt.filter((end) => end <= cut).length;
      const allowed = [saved === 0 ? undefined : secrets[saved - 1], secrets[saved]];
      expect(allowed, `cut ${cut}`).toContain(found?.secret);
      if (found !== undefined) expect(found).toEqual(anEnrolment(found.secret));
    }
    expect(images).toBeGreaterThan(disk.operations.length);
  });
});
