import type { DeviceId } from "../../proto/ids.ts";
import type { ModelAssignment } from "../../proto/assignment-messages.ts";
import type { DesiredState, DesiredStore } from "../application/stores.ts";
import type { WantedSettings } from "../domain/settings-version.ts";
import { fromJson, toJson } from "./row-mapping.ts";
import type { Connection, Session } from "./session.ts";

const firstEpoch = 1;

export function createDesiredStore(session: Session): DesiredStore {
  return {
    get: (device) => session.read((connection) => read(connection, device)),
    set: (device, model, assignment) =>
      session.write(async (connection) => {
        const before = (await read(connection, device)) ?? nothingDesired;
        const models = before.models.filter((known) => known.model !== model);
        if (assignment !== undefined) models.push(assignment);
        models.sort((a, b) => (a.model < b.model ? -1 : 1));
        // The same wish again is no change: the device would only be told what it knows.
        if (!before.keepsModels && toJson(models) === toJson(before.models)) return before;
        return write(connection, device, { ...before, generation: before.generation + 1, models, keepsModels: false });
      }),
    setSettings: (device, name, version) =>
      session.write(async (connection) => {
        const before = (await read(connection, device)) ?? nothingDesired;
        const settings = before.settings.filter((known) => known.name !== name);
        if (version !== undefined) settings.push({ name, version });
        settings.sort((a, b) => (a.name < b.name ? -1 : 1));
        if (toJson(settings) === toJson(before.settings)) return before;
        return write(connection, device, { ...before, generation: before.generation + 1, settings });
      }),
    wanting: (model, version) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("desired_state")
          .select(["device", "models_json"])
          .orderBy("device")
          .execute();
        return rows
          .filter(({ models_json }) =>
            fromJson<readonly StoredAssignment[]>(models_json).some(
              (wanted) => wanted.model === model && (version === undefined || wanted.version === version),
            ),
          )
          .map(({ device }) => device as DeviceId);
      }),
    raiseEpoch: (device, epoch) =>
      session.write(async (connection) => {
        const before = (await read(connection, device)) ?? nothingDesired;
        return write(connection, device, { ...before, epoch: Math.max(before.epoch, epoch) + 1 });
      }),
  };
}

/** Generation 0: nothing was ever wanted of this device, so it is left with what it has. */
const nothingDesired: DesiredState = {
  epoch: firstEpoch,
  generation: 0,
  models: [],
  settings: [],
  keepsModels: true,
};

/** What was stored before assignments had an order has none. */
type StoredAssignment = Omit<ModelAssignment, "variantOrder"> & Partial<Pick<ModelAssignment, "variantOrder">>;

async function read({ sql }: Connection, device: DeviceId): Promise<DesiredState | undefined> {
  const row = await sql.selectFrom("desired_state").selectAll().where("device", "=", device).executeTakeFirst();
  return (
    row && {
      epoch: row.epoch,
      generation: row.generation,
      models: fromJson<readonly StoredAssignment[]>(row.models_json).map((model) => ({
        ...model,
        variantOrder: model.variantOrder ?? [],
      })),
      settings: fromJson<readonly WantedSettings[]>(row.settings_json),
      keepsModels: row.models_wanted === null,
    }
  );
}

async function write({ sql }: Connection, device: DeviceId, state: DesiredState): Promise<DesiredState> {
  const columns = {
    epoch: state.epoch,
    generation: state.generation,
    models_json: toJson(state.models),
    settings_json: toJson(state.settings),
    models_wanted: state.keepsModels ? null : "yes",
  };
  await sql
    .insertInto("desired_state")
    .values({ device, ...columns })
    .onConflict((conflict) => conflict.column("device").doUpdateSet(columns))
    .execute();
  return state;
}
