#!/usr/bin/env bash
# Builds OUT/vmlinuz and OUT/initrd.img: a small Debian (kernel, D-Bus, BlueZ, Python and what footctl's tests need) as one file that a
# kernel boots from. Packages are only unpacked: no root, no debootstrap, no mounts. Does nothing when OUT is of these very inputs already.
#
#   build.sh OUT        needs apt-get, dpkg-deb, cpio, zstd, and pip (PIP=…)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=$1
suite=bookworm   # Linux 6.1 and BlueZ 5.66; its Python is 3.11
python=3.11
pip=${PIP:-python3 -m pip}
packages=(busybox-static bluez dbus-daemon dbus-bin python3-minimal python$python libpython$python-stdlib kmod linux-image-amd64 ca-certificates-)
wheels=(bleak bumble pydantic transitions pyserial platformdirs pytest)

recipe=$(cat "$here"/{build.sh,init,main.conf} "$root/constraints.txt" | sha256sum)
[ -f "$out/recipe" ] && [ "$(cat "$out/recipe")" = "$recipe" ] && exit 0
rm -rf "$out"; mkdir -p "$out"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
image=$work/image
mkdir -p "$work"/{lists/partial,cache/archives/partial,kernel} "$image"/{proc,sys,dev,run,tmp,src,out,root,etc/bluetooth,var/lib/bluetooth,var/run}

echo "packages …"
# A private state of apt with nothing installed: it resolves everything that the image needs, and this machine stays as it is.
mirror=${MIRROR:-$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1 | tr -d ' ' || true)}
[ -n "$mirror" ] || { echo "no Debian mirror in /etc/apt; name one: MIRROR=http://…/debian $0 $out" >&2; exit 1; }
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$suite" "$mirror" "$suite-updates" > "$work/sources"
: > "$work/status"
apt=(apt-get -q -o Dir::Etc::sourcelist="$work/sources" -o Dir::Etc::sourceparts=/dev/null -o Dir::State="$work" -o Dir::State::lists="$work/lists"
    -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Debug::NoLocking=1)
"${apt[@]}" update > "$work/log" || { cat "$work/log"; exit 1; }
"${apt[@]}" --download-only -y install "${packages[@]}" > "$work/log" || { cat "$work/log"; exit 1; }

for folder in bin sbin lib lib64; do mkdir -p "$image/usr/$folder"; ln -sfn "usr/$folder" "$image/$folder"; done
for package in "$work"/cache/archives/*.deb; do
    case $(basename "$package") in
        linux-image-amd64_*) ;;
        linux-image-*)
            dpkg-deb --fsys-tarfile "$package" | tar -C "$work/kernel" -x --wildcards './boot/vmlinuz*' '*/modules/*/modules.*' \
                '*/kernel/net/bluetooth/*' '*/kernel/drivers/bluetooth/hci_vhci.ko*' '*/kernel/net/9p/*' '*/kernel/fs/9p/*' '*/kernel/fs/netfs/*' \
                '*/kernel/fs/fscache/*' '*/kernel/drivers/virtio/*' '*/kernel/crypto/*' '*/kernel/lib/*' '*/kernel/net/rfkill/*' \
                '*/kernel/drivers/char/hw_random/*' '*/kernel/net/ipv6/*' '*/kernel/drivers/hid/uhid.ko*' '*/kernel/arch/x86/crypto/*' 2>/dev/null \
                || [ -d "$work/kernel/lib/modules" ] || [ -d "$work/kernel/usr/lib/modules" ] ;;
        # what only an installed system needs
        initramfs-tools*|linux-base*|klibc*|perl*|libperl*|dpkg_*|tar_*|apt_*|login_*|passwd_*|gcc-*|sysv*|udev_*|systemd_*) ;;
        *)
            dpkg-deb --fsys-tarfile "$package" | tar -C "$image" -x --keep-directory-symlink --exclude './usr/share/doc*' --exclude './usr/share/man*' \
                --exclude './usr/share/locale*' --exclude './usr/share/i18n*' --exclude './usr/lib/python3*/test*' \
                --exclude './usr/lib/*/gconv*' --exclude './usr/share/info*' --exclude './usr/share/bash-completion*' ;;
    esac
done
in_image=("$image/lib64/ld-linux-x86-64.so.2" --library-path "$image/usr/lib/x86_64-linux-gnu")
modules=$(find "$work/kernel" -mindepth 3 -maxdepth 4 -path '*lib/modules/*' -prune)
mkdir -p "$image/usr/lib/modules"; cp -a "$modules" "$image/usr/lib/modules/"
"${in_image[@]}" --argv0 depmod "$image/usr/bin/kmod" -b "$image" "$(basename "$modules")"
cp "$work"/kernel/boot/vmlinuz-* "$out/vmlinuz"

echo "wheels …"
$pip -q install --disable-pip-version-check --target "$image/opt/site" --python-version $python --only-binary=:all: --constraint "$root/constraints.txt" \
    "${wheels[@]}" 2> "$work/log" || { cat "$work/log"; exit 1; }
rm -rf "$image/opt/site/bin"
ln -sf python$python "$image/usr/bin/python3"; ln -sf busybox "$image/usr/bin/sh"
# Compiled here: under an emulated processor the first import of bumble alone would take 20 s.
find "$image/usr/lib/python$python" "$image/opt/site" -name __pycache__ -prune -exec rm -rf {} +
PYTHONHOME=$image/usr "${in_image[@]}" "$image/usr/bin/python$python" -m compileall -q --invalidation-mode unchecked-hash -s "$image" -p / \
    "$image/usr/lib/python$python" "$image/opt/site" > /dev/null || true

printf 'root:x:0:0:root:/root:/bin/sh\nmessagebus:x:100:100::/nonexistent:/bin/false\nnobody:x:65534:65534::/nonexistent:/bin/false\n' > "$image/etc/passwd"
printf 'root:x:0:\nmessagebus:x:100:\nbluetooth:x:101:\nlp:x:7:\nnogroup:x:65534:\n' > "$image/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files\n' > "$image/etc/nsswitch.conf"
printf '127.0.0.1 localhost\n' > "$image/etc/hosts"
printf '%032x\n' 42 > "$image/etc/machine-id"
cp "$here/main.conf" "$image/etc/bluetooth/main.conf"
install -m 755 "$here/init" "$image/init"
chmod 4755 "$image/usr/lib/dbus-1.0/dbus-daemon-launch-helper" 2> /dev/null || true

echo "image …"
(cd "$image" && find . -print0 | LC_ALL=C sort -z | cpio --null -o -H newc -R 0:0 --quiet) | zstd -q -6 -T0 -o "$out/initrd.img"
echo "$recipe" > "$out/recipe"
du -sh "$out"
