#!/bin/busybox sh
# The guest's first process: brings the NIC up, starts the iperf3 server, and does what the host says over the serial line.
/bin/busybox mkdir -p /proc /sys /dev /tmp /run
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs tmp /tmp
exec </dev/ttyS0 >/dev/ttyS0 2>&1
stty -echo

# recorder.module=NAME recorder.options=A,B on the kernel's command line.
for word in $(cat /proc/cmdline); do
  case $word in
    recorder.module=*) module=${word#*=} ;;
    recorder.options=*) options=${word#*=} ;;
  esac
done
insmod "/$module.ko" $(echo "$options" | tr , ' ') || echo 'FAILED insmod'
ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
route add default gw 10.0.2.2
waited=0
until [ "$(cat /sys/class/net/eth0/carrier)" = 1 ] || [ $waited = 100 ]; do sleep 0.1; waited=$((waited + 1)); done

counters() {
  cat /proc/uptime
  grep eth0 /proc/net/dev
  cat /proc/interrupts /proc/softirqs
  grep -E '^(cpu|intr|ctxt)' /proc/stat
}
# A byte to port 0x80, where nobody listens but the trace does.
mark() { printf "$1" | dd of=/dev/port bs=1 seek=128 count=1 2>/dev/null; }
show() { echo "FILE $1"; cat "$2"; echo "END $1"; }

iperf3 -s -J >/tmp/iperf-server.json 2>&1 &
sleep 0.3
clocks=/sys/devices/system
echo "READY carrier=$(cat /sys/class/net/eth0/carrier) clocksource=$(cat $clocks/clocksource/clocksource0/current_clocksource) clockevent=$(cat $clocks/clockevents/clockevent0/current_device)"
while read -r command settle length; do
  case $command in
    window) # virtual seconds before it, and of it
      sleep "$settle"
      mark '\241'
      counters >/tmp/before
      sleep "$length"
      counters >/tmp/after
      mark '\242'
      echo WINDOW-DONE
      ;;
    report)
      dmesg >/tmp/dmesg
      show before.txt /tmp/before
      show after.txt /tmp/after
      show dmesg.txt /tmp/dmesg
      echo REPORT-DONE
      ;;
    off) poweroff -f ;;
  esac
done
