import fc from "fast-check";

/**
 * A run of the tests says something about the change it was started for, so every run tries the same cases. To look for new ones:
 * SEDGE_PROPERTY_SEED=random npm test -- test/properties
 */
const wanted = process.env["SEDGE_PROPERTY_SEED"] ?? "20261121";
fc.configureGlobal(wanted === "random" ? {} : { seed: Number(wanted) });
