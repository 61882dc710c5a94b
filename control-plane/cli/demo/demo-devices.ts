/** The demo's fleet: three sites, two kinds of hardware. Two devices are `sedge-agent` processes, ten live in the simulator. */
export interface DemoDevice {
  readonly id: string;
  readonly site: string;
  readonly hardware: string;
  readonly runsAs: "process" | "simulated";
}

export const sites = ["lyon", "turin", "porto"] as const;

/** The site whose camera will blur. All of its devices are simulated, because there the demo can reach the lens. */
export const blurredSite = "porto";

export const demoDevices: readonly DemoDevice[] = sites.flatMap((site) =>
  [1, 2, 3, 4].map((number) => ({
    id: `${site}-cam-${number}`,
    site,
    hardware: number === 4 ? "jetson" : "cm4",
    runsAs: number === 1 && site !== blurredSite ? ("process" as const) : ("simulated" as const),
  })),
);

/** Its inputs come from an application on the device, which the demo plays: it asks over HTTP and knows the right answers. */
export const applicationDevice = "turin-cam-1";
