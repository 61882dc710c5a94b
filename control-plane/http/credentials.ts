import type { Context, MiddlewareHandler } from "hono";
import type { Operators } from "../application/operators.ts";
import { bytesOfBase64, textOfBytes } from "../../proto/bytes.ts";
import type { DeviceId } from "../../proto/ids.ts";
import { isDeviceId } from "../../proto/ids.ts";
import { HttpProblemError, problemOf } from "./problem.ts";
import type { AccessService, Services } from "./services.ts";

const operatorKey = "operator";

/** The name of the operator who asks; only behind requireOperator. */
export function operatorIn(c: Context): string {
  return c.get(operatorKey) as string;
}

function bearerToken(c: Context): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,256})$/i.exec(c.req.header("authorization") ?? "")?.[1];
}

/** Whose bearer token the request brought; undefined for none and for one that is, or has become, nobody's. */
export async function operatorOf(c: Context, operators: Pick<Operators, "nameOf">): Promise<string | undefined> {
  const token = bearerToken(c);
  return token === undefined ? undefined : operators.nameOf(token);
}

/** `Authorization: Bearer <operator token>` (RFC 6750). */
export function requireOperator(operators: Pick<Operators, "nameOf">): MiddlewareHandler {
  return async (c, next) => {
    const name = await operatorOf(c, operators);
    if (name === undefined)
      throw new HttpProblemError(
        problemOf(
          "unauthorized",
          `${c.req.header("authorization") === undefined ? "send an operator token as a bearer token" : "this operator token is nobody's"}: ` +
            "`sedge serve` names the file of the first, `sedge operator add` makes others",
        ),
        { "www-authenticate": 'Bearer realm="sedge"' },
      );
    c.set(operatorKey, name);
    await next();
  };
}

/** A token that reads metrics and nothing else, or an operator's. */
export function requireMetricsReader({
  metrics,
  operators,
}: Pick<Services, "metrics" | "operators">): MiddlewareHandler {
  return async (c, next) => {
    const token = bearerToken(c);
    const isReader = token !== undefined && (metrics.isReader(token) || (await operators.nameOf(token)) !== undefined);
    if (!isReader)
      throw new HttpProblemError(
        problemOf(
          "unauthorized",
          "send the token in `metrics-token` of the data directory as a bearer token, or an operator's",
        ),
        { "www-authenticate": 'Bearer realm="sedge metrics"' },
      );
    await next();
  };
}

/** `Authorization: Basic <device:secret>` (RFC 7617). */
export function requireDevice(access: Pick<AccessService, "isDeviceSecret">): MiddlewareHandler {
  return async (c, next) => {
    const credential = deviceCredential(c.req.header("authorization"));
    if (credential === undefined || !(await access.isDeviceSecret(credential.device, credential.secret)))
      throw new HttpProblemError(
        problemOf(
          "unauthorized",
          "send the device id and its secret as a basic credential; enrol the device to get one",
        ),
        { "www-authenticate": 'Basic realm="sedge device"' },
      );
    await next();
  };
}

/** Undefined for everything that cannot be the credential of a device. */
export function deviceCredential(
  header: string | undefined,
): { readonly device: DeviceId; readonly secret: string } | undefined {
  const base64 = /^Basic +([A-Za-z0-9+/=]{1,512})$/i.exec(header ?? "")?.[1];
  const bytes = base64 === undefined ? undefined : bytesOfBase64(base64);
  const text = bytes && textOfBytes(bytes);
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon < 0) return undefined;
  const device = text.slice(0, colon);
  return isDeviceId(device) ? { device, secret: text.slice(colon + 1) } : undefined;
}
