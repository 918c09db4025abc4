#!/bin/bash
# Records iperf3 flows over a link of 1 Gb/s: two network namespaces, veth pairs, the capture at the receiver's end.
#
#   netns-iperf3.sh [-k] [-t SECONDS] [-l "MBPS ..."] [-s "paced onoff"] FOLDER
#
# For each load (Mb/s of TCP payload; 180 360 540 720 900 if left out) and sender it makes FOLDER/SENDER-LOAD/ with
#   wire.pcap    nanosecond stamps, 96 bytes of each frame, from the SYN on
#   client.json, server.json, qdisc.txt, capture.txt    what iperf3, tc and tcpdump say of it
# FOLDER/conditions.txt holds the machine, the versions and the offload settings.
#
# Senders:
#   paced   SO_MAX_PACING_RATE (iperf3 --fq-rate). Where the kernel has the fq queueing discipline it could do the pacing; this script relies on TCP's own
#           (internal pacing, a timer a socket), which needs none: bursts of up to 1 ms or 64 KiB at the pace.
#   onoff   iperf3's own throttle (-b), looked at every 100 ms: a burst at line rate, then silence. As iperf 3.1.3 without fq.
#
# The receiver's socket buffer does not grow (tcp_rmem in its namespace): no more than about 87 KB are on their way, as to the paper's servers. A sender that trusts a
# larger window sends what a smaller one would have refused.
#
# The link: tbf shapes each end to 1 Gb/s, preamble, FCS and gap included. By itself it lets clumps of tens of frames through a microsecond apart, as its timers allow. So a
# program between the ends (wire.c) passes frames on at the pace of the wire, 12.3 us for a full one. -k leaves it out: the kernel's shaper alone.
#
# Needs root, two processors that have nothing else to do, and (Debian 12): apt-get install --no-install-recommends iperf3 tcpdump iproute2 ethtool util-linux perl-base gcc
# libc6-dev nodejs. At the end it removes its namespaces and sets net.core.netdev_max_backlog, which it raises, as it was. While a flow runs (a few seconds) the wire has
# real-time priority on one processor, iperf3 the highest ordinary one on the other.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
seconds=3
loads='180 360 540 720 900'
senders='paced onoff'
tries=8
port=5202
wired=yes
# Bytes of the kernel's memory, of which frames take about 1.6 times their payload.
receive_buffer=131072

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; }
fail() { echo "netns-iperf3.sh: $*" >&2; exit 1; }

while getopts 'kt:l:s:h' option; do
  case $option in
    k) wired=no ;;
    t) seconds=$OPTARG ;;
    l) loads=$OPTARG ;;
    s) senders=$OPTARG ;;
    h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || { usage >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
[ "$(id -u)" = 0 ] || fail 'needs root, for network namespaces'
for tool in ip tc ethtool iperf3 tcpdump chrt taskset perl gcc node; do command -v "$tool" >/dev/null || fail "$tool is missing; see the head of this script for the packages"; done
[ "$(nproc)" -ge 2 ] || fail 'needs two processors: one for each end'

# The bucket of the shapers. Behind a wire it only has to keep the rate; by itself it decides how long the clumps are: 10 frames.
burst=65536
[ $wired = yes ] || burst=15380

sending=sender-$$
receiving=receiver-$$
between=wire-$$
scratch=$(mktemp -d)
# Frames that wait for the receiver's processor. A burst at line rate is longer than the usual 1000.
backlog=/proc/sys/net/core/netdev_max_backlog
backlog_before=$(cat $backlog)
children=()
clean_up() {
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  wait
  for end in "$sending" "$receiving" "$between"; do ip netns del "$end" 2>/dev/null || true; done
  rm -r "$scratch"
  echo "$backlog_before" >$backlog
}
trap clean_up EXIT
echo 20000 >$backlog

# Namespace, interface, and the mask of the processor that its received frames are handled on: one, or TCP sees them out of order.
make_interface() {
  ip netns exec "$1" ethtool -K "$2" tso off gso off gro off tx off rx off sg off >/dev/null
  ip netns exec "$1" sh -c "echo $3 > /sys/class/net/$2/queues/rx-0/rps_cpus"
  ip -n "$1" link set "$2" mtu 1500 up
}
# Namespace, address, mask.
make_end() {
  make_interface "$1" wire "$3"
  ip -n "$1" addr add "$2/24" dev wire
  ip netns exec "$1" tc qdisc add dev wire root tbf rate 1gbit overhead 24 burst $burst limit 4000000
}
ip netns add "$sending"
ip netns add "$receiving"
if [ $wired = yes ]; then
  gcc -O2 -Wall -Wextra -o "$scratch/wire" "$here/wire.c"
  ip netns add "$between"
  ip link add wire netns "$sending" type veth peer name left netns "$between"
  ip link add wire netns "$receiving" type veth peer name right netns "$between"
  make_interface "$between" left 1
  make_interface "$between" right 1
  make_end "$sending" 10.9.0.1 2
  make_end "$receiving" 10.9.0.2 2
  client=(nice -n -20 taskset -c 1)
  server=(nice -n -20 taskset -c 1)
else
  ip link add wire netns "$sending" type veth peer name wire netns "$receiving"
  make_end "$sending" 10.9.0.1 1
  make_end "$receiving" 10.9.0.2 2
  client=(chrt -f 20 taskset -c 0)
  server=(chrt -f 20 taskset -c 1)
fi
ip netns exec "$receiving" sh -c "echo 4096 $receive_buffer $receive_buffer > /proc/sys/net/ipv4/tcp_rmem"

{
  echo "kernel: $(uname -sr)"
  echo "processors: $(nproc), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
  echo "clock source: $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
  echo "iperf3: $(iperf3 --version | head -1)"
  echo "tcpdump: $(tcpdump --version 2>&1 | head -2 | tr '\n' ' ')"
  echo "tc: $(tc -V)"
  echo "recorded: $(date -u +%Y-%m-%d)"
  echo "receive buffer: $(ip netns exec "$receiving" cat /proc/sys/net/ipv4/tcp_rmem)"
  echo "wire: $([ $wired = yes ] && echo 'wire.c' || echo 'none, the shaper alone')"
  echo "shaper: $(ip netns exec "$sending" tc qdisc show dev wire)"
  for end in "$sending" "$receiving"; do
    ip netns exec "$end" ethtool -k wire | grep -E '^(tcp-segmentation|generic-segmentation|generic-receive|large-receive|[rt]x-checksumming)' | sed "s/^/${end%-*}: /"
  done
} >"$folder/conditions.txt"

# A socket that asks for time stamps makes the kernel stamp frames when they leave the shaper, not when the receiver's processor gets to them.
perl -MSocket -e 'socket(S, AF_INET, SOCK_DGRAM, 0) or die; setsockopt(S, SOL_SOCKET, 29, 1) or die; sleep' &
children+=($!)
if [ $wired = yes ]; then
  ip netns exec "$between" chrt -f 30 taskset -c 0 "$scratch/wire" left right &
  children+=($!)
fi
lasting=${#children[@]}

json() { node -p "JSON.parse(require('fs').readFileSync('$1', 'utf8')).$2"; }

# Folder, then the sender's options: one flow.
record() {
  local to=$1 listener capture
  shift
  mkdir -p "$to"
  ip netns exec "$receiving" "${server[@]}" iperf3 -s -1 -p $port -J >"$to/server.json" &
  listener=$!
  children+=("$listener")
  : >"$to/capture.txt"
  ip netns exec "$receiving" tcpdump -i wire -s 96 -B 65536 --time-stamp-precision=nano -w "$to/wire.pcap" "tcp port $port" 2>"$to/capture.txt" &
  capture=$!
  children+=("$capture")
  until grep -q 'listening on' "$to/capture.txt"; do sleep 0.1; done
  sleep 0.5
  timeout $((seconds + 20)) ip netns exec "$sending" "${client[@]}" iperf3 -c 10.9.0.2 -p $port -C cubic -t "$seconds" -J "$@" >"$to/client.json" ||
    fail "iperf3 failed: $(json "$to/client.json" error)"
  wait "$listener"
  sleep 0.5
  kill "$capture"
  wait "$capture" || true
  children=("${children[@]:0:lasting}")
  ip netns exec "$sending" tc -s qdisc show dev wire >"$to/qdisc.txt"
}

# Prints what is wrong with a recording, nothing if it is good.
blemishes() {
  local to=$1 load=$2 longest rate
  grep -q '^0 packets dropped by kernel' "$to/capture.txt" || echo 'tcpdump dropped frames'
  # A few are probes after a pause of the receiver's; more are losses, which a link by itself does not have.
  [ "$(json "$to/client.json" end.sum_sent.retransmits)" -le 10 ] || echo 'TCP retransmitted'
  longest=$(tcpdump -nr "$to/wire.pcap" 'greater 1515' 2>/dev/null | wc -l)
  [ "$longest" = 0 ] || echo "$longest frames are longer than 1514 bytes"
  rate=$(json "$to/client.json" end.sum_received.bits_per_second)
  node -e "process.exit($rate >= ${load}e6 * 0.96 && $rate <= ${load}e6 * 1.03 ? 0 : 1)" || echo "$rate b/s where ${load}e6 were asked for"
}

for sender in $senders; do
  for load in $loads; do
    case $sender in
      paced) options=(-b 0 --fq-rate "${load}M") ;;
      onoff) options=(-b "${load}M" --pacing-timer 100000) ;;
      *) fail "-s $sender: give paced or onoff" ;;
    esac
    to=$folder/$sender-$load
    for try in $(seq $tries); do
      record "$to" "${options[@]}"
      wrong=$(blemishes "$to" "$load")
      [ -n "$wrong" ] || break
      echo "$sender-$load, try $try: $(echo "$wrong" | tr '\n' ';')" >&2
    done
    [ -z "$wrong" ] || fail "$sender-$load: no good recording in $tries tries; is the machine busy?"
    echo "iperf3 -c 10.9.0.2 -C cubic -t $seconds ${options[*]}" >"$to/command.txt"
    echo "$sender-$load: $(json "$to/client.json" end.sum_received.bits_per_second) b/s"
  done
done
