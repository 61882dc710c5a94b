import { Hono } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import { requireDevice, requireMetricsReader, requireOperator } from "./credentials.ts";
import { failedCredentials } from "./failed-credentials.ts";
import { hostCheck } from "./host-check.ts";
import { pageAccess } from "./page-access.ts";
import { problemOfError } from "./problem-of-error.ts";
import { HttpProblemError, problemOf, problemResponse } from "./problem.ts";
import { requestLog } from "./request-log.ts";
import { artifactDownloadRoutes, artifactRoutes } from "./routes/artifact-routes.ts";
import { deltaRoutes } from "./routes/delta-routes.ts";
import { devicePageRoutes } from "./routes/device-page-routes.ts";
import { deviceRoutes } from "./routes/device-routes.ts";
import { driftRoutes } from "./routes/drift-routes.ts";
import { enrolmentTokenRoutes, enrolRoutes } from "./routes/enrolment-routes.ts";
import { eventRoutes } from "./routes/event-routes.ts";
import { metricsRoutes } from "./routes/metrics-routes.ts";
import { modelRoutes } from "./routes/model-routes.ts";
import { operatorRoutes } from "./routes/operator-routes.ts";
import { publisherRoutes } from "./routes/publisher-routes.ts";
import { rolloutRoutes } from "./routes/rollout-routes.ts";
import { sampleRoutes } from "./routes/sample-routes.ts";
import { samplingRoutes } from "./routes/sampling-routes.ts";
import { settingsRoutes } from "./routes/settings-routes.ts";
import { statusRoutes } from "./routes/status-routes.ts";
import type { Services } from "./services.ts";

/**
 * The HTTP interface of the control plane. Who may do what is decided here, before any route: `/healthz` and `/api/v1/enrol` need no
 * credential (enrolment brings its one-time token), nor do the files of `/device`; `/artifacts` takes a device's, `/metrics` a token of its own or an operator's, all else under `/api/v1` an operator's.
 */
export function createApp(services: Services) {
  const app = new Hono();
  const { access, about, clock, log, pageOrigins } = services;

  const operatorOnly = requireOperator(services.operators);
  app.use(requestLog(log, clock));
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      referrerPolicy: "no-referrer",
      // A browser remembers this for the host, whatever the port: not ours to say without TLS.
      strictTransportSecurity: false,
      // The device page says for itself what it may load.
      overwrite: false,
    }),
  );
  app.use(hostCheck(() => about.addresses().http));
  // Before the credentials: a browser asks first whether it may bring any.
  for (const path of ["/artifacts/*", "/api/v1/enrol"]) app.use(path, pageAccess(pageOrigins));
  app.use(failedCredentials(services.proxies, () => clock.now()));
  app.use("/artifacts/*", requireDevice(access));
  app.use("/metrics", requireMetricsReader(services));
  app.use("/api/v1/*", async (c, next) => {
    if (c.req.path === "/api/v1/enrol") await next();
    else await operatorOnly(c, next);
    if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        problemResponse(problemOf("method-not-allowed", `${c.req.path} takes ${methods.join(", ")}`), {
          allow: methods.join(", "),
        }),
    }),
  );

  app.notFound((c) => problemResponse(problemOf("not-found", `there is nothing at ${c.req.path}`)));
  app.onError((error, c) => {
    const problem = problemOfError(error);
    const headers = {
      // A body that nobody read is still on its way: this connection cannot carry another request.
      ...(c.req.raw.body !== null && !c.req.raw.bodyUsed && { connection: "close" }),
      ...(error instanceof HttpProblemError && error.headers),
    };
    if (problem !== undefined) return problemResponse(problem, headers);
    log.error({ err: error, method: c.req.method, path: c.req.path }, "a request failed");
    return problemResponse(problemOf("internal", "this is a fault of the control plane; its log tells more"), headers);
  });

  return app
    .get("/healthz", (c) => c.json({ status: "ok" }))
    .route("/metrics", metricsRoutes(services))
    .route("/device", devicePageRoutes(services))
    .route("/artifacts", artifactDownloadRoutes(services))
    .route("/artifacts", deltaRoutes(services))
    .route("/api/v1/enrol", enrolRoutes(services))
    .route("/api/v1/enrolment-tokens", enrolmentTokenRoutes(services))
    .route("/api/v1/devices", deviceRoutes(services))
    .route("/api/v1/publishers", publisherRoutes(services))
    .route("/api/v1/operators", operatorRoutes(services))
    .route("/api/v1/models", modelRoutes(services))
    .route("/api/v1/models", samplingRoutes(services))
    .route("/api/v1/samples", sampleRoutes(services))
    .route("/api/v1/settings", settingsRoutes(services))
    .route("/api/v1/artifacts", artifactRoutes(services))
    .route("/api/v1/rollouts", rolloutRoutes(services))
    .route("/api/v1/drift", driftRoutes(services))
    .route("/api/v1/events", eventRoutes(services))
    .route("/api/v1/status", statusRoutes(services));
}

export type AppType = ReturnType<typeof createApp>;
