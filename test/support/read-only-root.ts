/** In a mount namespace of its own, in which every file system but the data directory and /proc is read-only. */
const script = `
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
awk '$5 != "/proc" && $5 != "'"$1"'" { print $5 }' /proc/self/mountinfo | while read point; do
  mount -o bind,remount,ro "$point" 2>/dev/null || true
done
if touch /tmp/writable 2>/dev/null || touch "$HOME/writable" 2>/dev/null; then echo "the root is not read-only" >&2; exit 1; fi
shift
exec "$@"
`;

/** What to put before a command for that. */
export function readOnlyRoot(data: string): readonly string[] {
  return ["unshare", "--mount", "sh", "-c", script, "sh", data];
}
