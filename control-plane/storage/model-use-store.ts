import type { DeviceId, ModelName } from "../../proto/ids.ts";
import type { ModelUseStore } from "../application/telemetry-stores.ts";
import type { ModelUse } from "../domain/model-use.ts";
import { fromJson, toJson } from "./row-mapping.ts";
import type { Session } from "./session.ts";

export function createModelUseStore(session: Session): ModelUseStore {
  return {
    load: () =>
      session.read(async ({ sql }) => {
        const rows = await sql.selectFrom("model_use").selectAll().execute();
        return rows.map(({ device, model, use_json }) => ({
          device: device as DeviceId,
          model: model as ModelName,
          use: fromJson<ModelUse>(use_json),
        }));
      }),
    save: (uses) =>
      session.write(async ({ sql }) => {
        for (const { device, model, use } of uses) {
          const use_json = toJson(use);
          await sql
            .insertInto("model_use")
            .values({ device, model, use_json })
            .onConflict((conflict) => conflict.columns(["device", "model"]).doUpdateSet({ use_json }))
            .execute();
        }
      }),
    remove: (uses) =>
      session.write(async ({ sql }) => {
        for (const { device, model } of uses)
          await sql.deleteFrom("model_use").where("device", "=", device).where("model", "=", model).execute();
      }),
  };
}
