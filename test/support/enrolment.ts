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

/** Enrols a device as it would enrol itself; without a name the control plane chooses one. */
export async function enrolDevice(
  plane: Plane,
  { device, labels }: { readonly device?: string; readonly labels?: Labels } = {},
): Promise<{ readonly device: string; readonly secret: string }> {
  const body = { token: await enrolmentToken(plane, labels), ...(device !== undefined && { device }) };
  const response = await call(plane.url, { method: "POST", path: "/api/v1/enrol", body });
  return (await response.json()) as { device: string; secret: string };
}
