import type { DeviceId } from "../../proto/ids.ts";
import type { SecretHasher } from "./ports.ts";
import type { Database } from "./stores.ts";

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
