#!/usr/bin/env bash
# Makes the image that tests and benchmarks run containers from, ecos-test/busybox:1, out of Debian's static busybox:
# every applet linked by name, no registry asked. Does nothing where the image exists.
#   images.sh     (the engine is that of ECOS_TEST_DOCKER_HOST or DOCKER_HOST, else the local one)
set -euo pipefail

export DOCKER_HOST=${ECOS_TEST_DOCKER_HOST:-${DOCKER_HOST:-unix:///var/run/docker.sock}}
image=ecos-test/busybox:1
if docker image inspect "$image" >/dev/null 2>&1; then exit 0; fi

busybox=$(command -v busybox) || { echo 'error: busybox is missing: apt-get install busybox-static' >&2; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
mkdir -p "$dir"/{bin,etc,proc,sys,dev,root}
mkdir -m 1777 "$dir/tmp"
cp -L "$busybox" "$dir/bin/busybox"
for applet in $("$busybox" --list); do
    [[ $applet == busybox ]] || ln -s busybox "$dir/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$dir/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$dir/etc/group"

tar -C "$dir" --owner=0 --group=0 -c . | docker import -c 'ENV PATH=/bin' -c 'CMD ["sh"]' - "$image" >/dev/null
docker run --rm --network none "$image" true || { echo "error: $busybox does not run in an image: is it the static one?" >&2; exit 1; }
