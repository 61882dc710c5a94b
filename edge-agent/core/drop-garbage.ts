import { garbageIn, slotsOf } from "./slots.ts";
import type { StepContext } from "./step-context.ts";
import { onlyDamage } from "./step-context.ts";

/** Removes every file that nothing on the device needs any more. */
export async function dropGarbage({ ports, packages, keeper, room }: StepContext): Promise<void> {
  for (const model of keeper.state.models)
    for (const slot of slotsOf(model)) await packages.manifest(model.model, slot).catch(onlyDamage);
  const present = await ports.files.list();
  // Asked last: what another update has claimed meanwhile is not garbage.
  for (const file of garbageIn(keeper.state, packages.known, present, room.claimed)) {
    ports.log.debug({ file }, "a file that nothing needs is removed");
    await ports.files.remove(file);
  }
}
