import { serviceUnit } from "../daemon/service/service-unit.ts";
import type { Architecture } from "./elf-machine.ts";

/** The files of the .deb that are made, and not copied: maintainer scripts, configuration, unit, wrapper. */

export const paths = {
  library: "/usr/lib/sedge-agent",
  program: "/usr/bin/sedge-agent",
  config: "/etc/sedge-agent/config.yaml",
  unit: "/lib/systemd/system/sedge-agent.service",
  data: "/var/lib/sedge-agent",
  factory: "/usr/share/sedge-agent/factory",
} as const;

const user = "sedge-agent";

export interface ControlOptions {
  readonly version: string;
  readonly architecture: Architecture;
  readonly maintainer: string;
  readonly installedBytes: number;
}

/** DEBIAN/control (deb-control(5)). The libraries are those that Node and onnxruntime are linked with, in the versions they ask for. */
export function controlFile({ version, architecture, maintainer, installedBytes }: ControlOptions): string {
  return `Package: sedge-agent
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${Math.ceil(installedBytes / 1_024)}
Depends: libc6 (>= 2.28), libstdc++6 (>= 7), libgcc-s1, passwd, util-linux
Recommends: systemd
Section: utils
Priority: optional
Description: edge agent of Sedge: runs machine-learning models on this device
 It takes the models that a control plane assigns over MQTT, checks their
 signatures, tries them out, and goes back by itself when one is not well.
 Applications on the device ask it for inferences over HTTP.
 .
 It brings its own Node.js and onnxruntime.
`;
}

export const conffiles = `${paths.config}\n`;

/** Every command runs the Node that came with the package, with the heap limits of a daemon that runs for months. */
export const programScript = `#!/bin/sh
export SEDGE_AGENT_CONFIG="\${SEDGE_AGENT_CONFIG-${paths.config}}"
exec ${paths.library}/node --single-threaded-gc --max-semi-space-size=1 --max-old-space-size=256 \\
  ${paths.library}/agent/main.js "$@"
`;

export const unitFile = serviceUnit({
  command: `${paths.program} run`,
  data: paths.data,
  user,
  memoryMax: "75%",
  cpuQuota: undefined,
});

/** All of it is commented out: the defaults are in the program. */
export const configFile = `# Configuration of sedge-agent. What is not set here has its default, which is shown.
# Environment variables SEDGE_AGENT_... override it (systemctl edit sedge-agent).
# What is set here of log.level, logs.send, telemetry.window, download, maintenance, detectors and energy, the control
# plane cannot change.

# data: ${paths.data}

# http:                 # the Open Inference Protocol, for applications on this device
#   host: 127.0.0.1
#   port: 4690
#   socket: /run/sedge-agent/inference.sock   # there and on no port

# log:
#   level: info         # debug, info, warn, error

# runtime:
#   engine: auto        # native or wasm (WebAssembly: slower, and runs everywhere) to force one
#   maxMemory: 268435456   # bytes that the process of one model may take; by default what all may take
#   memoryBudget: 402653184   # of all models together; by the machine's memory by default

# telemetry:
#   quotaBytes: 33554432   # kept while there is no connection
#   window: 1m             # how long inferences are counted before the counts are sent

# download:
#   bytesPerSecond: unlimited

# factory: ${paths.factory}   # packages that came with the device's image

# maintenance:            # when a new version may be tried and activated
#   window: any           # such as "mo-fr 01:00-04:00, sa+su 22:00-06:00 local", or with utc
#   downloads: any        # or window: files are fetched in the window only

# energy:                 # when samples and candidates in shadow wait: the battery in use and low, or heat
#   saveBelowCharge: 30%  # or off
#   saveFromCelsius: 80   # or off; a processor that is held back counts as heat
`;

export const factoryReadme = `Models that come with this device's image lie here: one directory for each, as
\`sedge model export\` writes it. The agent serves them until it is assigned
others, and again when it has nothing else. It only reads them.
`;

/** The user and the data directory are made before the first start; an upgrade leaves both as they are. */
export const postinst = `#!/bin/sh
set -e
if [ "$1" = configure ]; then
  getent group ${user} >/dev/null || groupadd --system ${user}
  getent passwd ${user} >/dev/null ||
    useradd --system --gid ${user} --home-dir ${paths.data} --no-create-home --shell /usr/sbin/nologin ${user}
  if [ ! -d ${paths.data} ]; then
    install -d -o ${user} -g ${user} -m 0700 ${paths.data}
  fi
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if [ -z "$2" ]; then
      systemctl enable sedge-agent.service
      systemctl start sedge-agent.service
    else
      systemctl try-restart sedge-agent.service
    fi
  elif [ -z "$2" ] && command -v systemctl >/dev/null; then
    # An image that is being built.
    systemctl enable sedge-agent.service || true
  fi
  if [ ! -e ${paths.data}/credential.json ]; then
    echo "sedge-agent: enrol this device with: sedge-agent enrol --server URL --token TOKEN"
    echo "sedge-agent: then start it with: systemctl start sedge-agent"
  fi
fi
`;

/** An upgrade restarts it in postinst: the old one serves until the new one is there. */
export const prerm = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now sedge-agent.service
fi
`;

/** Data stays until the package is purged; the user stays for ever, so that nobody else gets its number. */
export const postrm = `#!/bin/sh
set -e
if [ "$1" = purge ]; then
  rm -rf ${paths.data}
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
`;
