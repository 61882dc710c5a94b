/** What may differ from one device to another; the rest of the unit is the same everywhere. */
export interface ServiceUnitOptions {
  /** The program with its path, and what it is started with. */
  readonly command: string;
  readonly data: string;
  readonly user: string;
  /** As systemd has it: "75%", "512M". */
  readonly memoryMax: string;
  /** As systemd has it: "150%" is one core and a half; undefined: as much as nobody else needs. */
  readonly cpuQuota: string | undefined;
}

const stateRoot = "/var/lib/";

/** The systemd unit of the agent, for systemd 247 (Debian 11) and newer. */
export function serviceUnit(options: ServiceUnitOptions): string {
  const { command, data, user, memoryMax, cpuQuota } = options;
  return `[Unit]
Description=Sedge edge agent: runs models on this device
Documentation=man:systemd.service(5)
# Time stamps are better after the clock was set; the agent does not wait for a network, and serves without one.
After=time-sync.target network.target
# Enrol first: sedge-agent enrol --server URL --token TOKEN
ConditionPathExists=${data}/credential.json
# Started again for ever, however often it ends: nobody walks up to the device.
StartLimitIntervalSec=0

[Service]
# Node cannot send the datagrams that systemd listens for: the agent sends them with systemd-notify, a process of its own each.
Type=notify
NotifyAccess=all
WatchdogSec=60
WatchdogSignal=SIGKILL
ExecStart=${command}
User=${user}
Group=${user}
Restart=always
RestartSec=5
TimeoutStartSec=90
TimeoutStopSec=20
# The agent ends its inference processes itself; what is left of them is ended with it.
KillMode=mixed

# What the agent writes lies here and nowhere else.
${stateDirectory(data)}
StateDirectoryMode=0700
RuntimeDirectory=sedge-agent
RuntimeDirectoryMode=0755
UMask=0077

# One model that takes too much memory costs its own process, not the agent: inference processes offer themselves first.
MemoryMax=${memoryMax}
MemorySwapMax=0
OOMPolicy=continue
TasksMax=512
LimitNOFILE=4096
# The device's own work comes first.
CPUWeight=50
IOWeight=50
${cpuQuota === undefined ? "" : `CPUQuota=${cpuQuota}\n`}
# The whole file system is read-only but for the directories above. Inputs from elsewhere need a drop-in with ReadWritePaths=.
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true
PrivateDevices=true
ProtectProc=invisible
ProtectClock=true
ProtectControlGroups=true
ProtectHostname=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
NoNewPrivileges=true
CapabilityBoundingSet=
AmbientCapabilities=
LockPersonality=true
RemoveIPC=true
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @mount @swap @reboot @obsolete @cpu-emulation @debug
SystemCallErrorNumber=EPERM
# Not MemoryDenyWriteExecute: V8 compiles JavaScript into memory that it then runs.

[Install]
WantedBy=multi-user.target
`;
}

/** systemd makes and owns a directory below /var/lib; another one must be there already. */
function stateDirectory(data: string): string {
  return data.startsWith(stateRoot) ? `StateDirectory=${data.slice(stateRoot.length)}` : `ReadWritePaths=${data}`;
}
