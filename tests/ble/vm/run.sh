#!/usr/bin/env bash
# Boots the machine that build.sh made, runs COMMAND in it in a copy of the checkout, and gives its output and exit code.
#
#   run.sh IMAGE COMMAND …        needs qemu-system-x86_64; KVM when it is there
set -u
image=$1; shift
root=$(cd "$(dirname "$0")/../../.." && pwd)
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
printf '%s\n' "$*" > "$out/command"
# Without KVM the machine's clock counts instructions, one a nanosecond, and jumps ahead where nothing is to be done: whatever else this
# computer does, nothing inside is late. (A /dev/kvm without vmx or svm belongs to a sandbox's own kernel; a stock kernel hangs under it.)
cpu=(-accel tcg,tb-size=512 -icount shift=0,sleep=off -cpu max -smp 1)
[ -w /dev/kvm ] && grep -qE '\b(vmx|svm)\b' /proc/cpuinfo && cpu=(-accel kvm -cpu host -smp 2)
timeout -k 5 "${FOOTCTL_VM_SECONDS:-600}" qemu-system-x86_64 "${cpu[@]}" -M pc -m 1536 -nodefaults -no-user-config -display none -no-reboot \
    -kernel "$image/vmlinuz" -initrd "$image/initrd.img" \
    -append "console=ttyS0 panic=-1 rdinit=/init mitigations=off cryptomgr.notests apparmor=0 trace_clock=local quiet loglevel=4" \
    -chardev file,id=console,path="$out/console.log" -serial chardev:console -serial stdio \
    -fsdev local,id=src,path="$root",security_model=none,readonly=on -device virtio-9p-pci,fsdev=src,mount_tag=src \
    -fsdev local,id=out,path="$out",security_model=none -device virtio-9p-pci,fsdev=out,mount_tag=out \
    -device virtio-rng-pci < /dev/null
ended=$?
if [ ! -f "$out/code" ]; then
    echo "the machine gave no exit code (qemu: $ended); the end of its console:" >&2
    tail -n 20 "$out/console.log" >&2
    exit 124
fi
code=$(cat "$out/code")
[ "$code" = 0 ] || { echo "bluetoothd said:"; tail -n 20 "$out/bluetoothd.log"; echo "the kernel said:"; tail -n 20 "$out/dmesg.log"; }
exit "$code"
