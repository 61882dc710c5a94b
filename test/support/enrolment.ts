import { generateKeyPairSync } from "node:crypto";
import type { TestControlPlane } from "./control-plane.ts";
import { bearer, call } from "./http-calls.ts";

type Plane = Pick<TestControlPlane, "url" | "operatorToken">;
type Labels = Readonly<Record<string, string>>;

export async function enrolmentToken(plane: Plane, labels: Labels = {}): Promise<string> {
  const response = await call(plane.url, {
    method: "POST",
    path: "/api/v1/enrolment-tokens",
    headers: bearer(plane.operatorToken),
    body: { labels },
  });
  return ((await response.json()) as { token: string }).token;
}

/** SubjectPublicKeyInfo of a new P-256 key, base64. */
export function aPublicKey(): string {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return publicKey.export({ type: "spki", format: "der" }).toString("base64");
}

/** Without a publisher no device enrols. */
export async function somebodyPublishes(plane: Plane): Promise<void> {
  const headers = bearer(plane.operatorToken);
  const known = await call(plane.url, { method: "GET", path: "/api/v1/publishers", headers });
  if (((await known.json()) as { publishers: unknown[] }).publishers.length > 0) return;
  const body = { publicKey: aPublicKey() };
  const added = await call(plane.url, { method: "POST", path: "/api/v1/publishers", headers, body });
  await added.arrayBuffer();
}

/** Enrols a device as it would enrol itself; without a name the control plane chooses one. */
export async function enrolDevice(
  plane: Plane,
  { device, labels }: { readonly device?: string; readonly labels?: Labels } = {},
): Promise<{ readonly device: string; readonly secret: string }> {
  await somebodyPublishes(plane);
  const body = { token: await enrolmentToken(plane, labels), ...(device !== undefined && { device }) };
  const response = await call(plane.url, { method: "POST", path: "/api/v1/enrol", body });
  return (await response.json()) as { device: string; secret: string };
}
