import type { DriftRow } from "../application/drift-watch.ts";
import { relativeTime } from "./duration.ts";
import type { Column } from "./table.ts";
import type { Style } from "./terminal.ts";

const stateStyles: Readonly<Record<DriftRow["state"], Style | undefined>> = {
  quiet: undefined,
  suspect: "yellow",
  drifting: "red",
  recovering: "yellow",
};

/** The detectors' columns are there only when one of them found something. */
export function driftColumns(now: number, rows: readonly DriftRow[]): readonly Column<DriftRow>[] {
  const detectors: readonly Column<DriftRow>[] = [
    { title: "FAR OUT", align: "right", cell: ({ farOutsideShare }) => percent(farOutsideShare) },
    { title: "STUCK", align: "right", cell: ({ stuckShare }) => percent(stuckShare) },
    { title: "NAN", align: "right", cell: ({ notFiniteShare }) => percent(notFiniteShare) },
  ];
  return [
    { title: "MODEL", cell: ({ model, version }) => `${model}@${version}` },
    { title: "SCOPE", cell: ({ scope }) => scope },
    { title: "STREAM", cell: ({ stream }) => stream },
    { title: "STATE", cell: ({ state }) => state, style: ({ state }) => stateStyles[state] },
    { title: "SAMPLES", align: "right", cell: ({ samples }) => String(samples) },
    { title: "PSI", align: "right", cell: ({ psi }) => psi.toFixed(3) },
    { title: "EXCESS", align: "right", cell: ({ psiExcess }) => psiExcess.toFixed(3) },
    { title: "JS", align: "right", cell: ({ jensenShannon }) => jensenShannon.toFixed(3) },
    { title: "KS", align: "right", cell: ({ ks }) => (ks === undefined ? "–" : ks.low.toFixed(3)) },
    ...detectors.filter(({ cell }) => rows.some((row) => cell(row) !== nothing)),
    { title: "JUDGED", cell: ({ judgedAtMs }) => relativeTime(judgedAtMs, now), style: () => "dim" },
  ];
}

const nothing = "–";

function percent(share: number | undefined): string {
  return share === undefined || share === 0 ? nothing : `${(share * 100).toFixed(1)} %`;
}
