/** Example: "mqtts://[::1]:8883". */
export function boundUrl(scheme: string, { host, port }: { readonly host: string; readonly port: number }): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
