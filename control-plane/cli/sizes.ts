const units = ["B", "kB", "MB", "GB"] as const;

/** Decimal units, as disks and networks are sold. Example: 1,234,567 bytes are "1.2 MB". */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit] as string}`;
}
