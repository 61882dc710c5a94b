import type { DeviceId } from "../../proto/ids.ts";
import type { Database, SecretHasher } from "./ports.ts";

/** False for an unknown or revoked device too. */
export async function checkDeviceSecret(
  database: Pick<Database, "devices">,
  hasher: Pick<SecretHasher, "matches">,
  device: DeviceId,
  secret: string,
): Promise<boolean> {
  const hash = await database.devices.secretHash(device);
  return hash !== undefined && hasher.matches(secret, hash);
}
