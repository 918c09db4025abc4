#!/bin/bash
# Records what the devices of an emulated PC do while Linux receives TCP through an emulated 82574L (QEMU's e1000e), in instruction-exact virtual time.
#
#   qemu-e1000e.sh [-r RATE] [-t SECONDS] [-w WORK] MODE TIMER FOLDER
#
#   MODE    pic, ioapic, msi or msix: how the NIC interrupts
#   TIMER   pit, hpet or lapic: what drives the guest's clock tick
#   RATE    of TCP payload per virtual second, as iperf3 takes it (40M)
#   SECONDS virtual seconds to keep (2), after 3 in which the flow settles
#   WORK    kernel, programs and QEMU's own log (./work); kept, so that the next recording is quicker
#
# FOLDER gets window.trace.zst (QEMU's trace log), wire.pcap.zst (up to the end of the window, 96 bytes a frame), summary.json, guest/ and the command lines. The run is recorded
# without tracing (rr=record) and replayed twice with it; both replays have to give the same trace.
#
# msi needs the guest's driver changed in two bytes (qemu-e1000e/patch-msi.ts says why); the other modes run it as Debian ships it.
#
# Needs (Debian 12): apt-get install --no-install-recommends qemu-system-x86 iperf3 busybox-static cpio gcc libc6-dev zstd; Node 24; the guest's kernel is
# downloaded with apt-get. No root but for the two device nodes of the initramfs. Takes 2 to 6 minutes on two processors. Uses the loopback interface only.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
rate=40M
seconds=2
work=./work

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }
fail() { echo "qemu-e1000e.sh: $*" >&2; exit 1; }

while getopts 'r:t:w:h' option; do
  case $option in
    r) rate=$OPTARG ;;
    t) seconds=$OPTARG ;;
    w) work=$OPTARG ;;
    h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 3 ] || { usage >&2; exit 2; }
mode=$1 timer=$2 folder=$3
case $mode in pic | ioapic | msi | msix) ;; *) fail "mode $mode: give pic, ioapic, msi or msix" ;; esac
case $timer in pit | hpet | lapic) ;; *) fail "timer $timer: give pit, hpet or lapic" ;; esac
for tool in qemu-system-x86_64 iperf3 busybox cpio gcc zstd node dpkg-deb apt-get; do
  command -v "$tool" >/dev/null || fail "$tool is missing; see the head of this script for the packages"
done
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 24')" = true ] || fail 'needs Node 24: put node_modules/.bin first in PATH'
mkdir -p "$work" "$folder"
work=$(cd "$work" && pwd)
folder=$(cd "$folder" && pwd)

if [ ! -d "$work/kernel/boot" ]; then
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p' | head -1)
  [ -n "$package" ] || fail 'apt-get knows no linux-image-amd64; run apt-get update'
  (cd "$work" && apt-get download "$package" >/dev/null 2>&1 && dpkg-deb -x "$package"_*.deb kernel && dpkg-deb -f "$package"_*.deb Package Version >kernel.txt && rm "$package"_*.deb)
fi
kernel=$(find "$work/kernel/boot" -name 'vmlinuz-*' | head -1)
driver=$(find "$work/kernel" -name e1000e.ko | head -1)
if [ -z "$kernel" ] || [ -z "$driver" ]; then fail "$work/kernel has no kernel with e1000e.ko; remove it and try again"; fi

gcc -O2 -Wall -Wextra -shared -fPIC -o "$work/virtual-stamps.so" "$here/qemu-e1000e/virtual-stamps.c" -lpthread
gcc -O2 -Wall -Wextra -shared -fPIC -o "$work/virtual-clock.so" "$here/qemu-e1000e/virtual-clock.c"

initramfs=$work/initramfs-$mode.gz
root=$(mktemp -d "$work/root.XXXXXX")
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/dev"
cp "$(command -v busybox)" "$(command -v iperf3)" "$root/bin/"
ldd "$(command -v iperf3)" | grep -oE '/[^ ]+' | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
cp "$driver" "$root/e1000e.ko"
[ "$mode" != msi ] || node "$here/qemu-e1000e/patch-msi.ts" "$driver" "$root/e1000e-msi.ko"
install -m 755 "$here/qemu-e1000e/init.sh" "$root/init"
mknod "$root/dev/console" c 5 1
mknod "$root/dev/null" c 1 3
(cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$initramfs"

node "$here/qemu-e1000e/session.ts" "$(printf '{"work":"%s","folder":"%s","kernel":"%s","initramfs":"%s","mode":"%s","timer":"%s","rate":"%s","settle":3,"seconds":%s,"shift":2,"quantum":50}' \
  "$work" "$folder" "$kernel" "$initramfs" "$mode" "$timer" "$rate" "$seconds")"
zstd -q -19 -f "$work/wire.pcap" -o "$folder/wire.pcap.zst"
{
  echo "QEMU: $(qemu-system-x86_64 --version | head -1)"
  echo "guest's kernel: $(tr '\n' ' ' <"$work/kernel.txt" | sed 's/Package: //;s/Version: //')"
  echo "iperf3: $(iperf3 --version | head -1)"
  echo "recorded: $(date -u +%Y-%m-%d)"
} >"$folder/conditions.txt"
