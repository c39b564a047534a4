#!/usr/bin/env bash
# make dist: dist/ecos, one static binary with the site inside, and dist/ecos-image.tar, an image of nothing else
# (docker load -i dist/ecos-image.tar). No engine is needed for it.
#   make dist                        for this machine's kind, x86_64
#   ARCH=aarch64 make dist           dist/ecos-aarch64 and its image; needs aarch64-linux-gnu-gcc and musl-dev:arm64
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/build.sh
. scripts/build.sh

arch=${ARCH:-x86_64}
profile=dist
limit=$((25 * 1000 * 1000))
case $arch in
x86_64) docker_arch=amd64 name=ecos ;;
aarch64) docker_arch=arm64 name=ecos-aarch64 ;;
*) die "ARCH is x86_64 or aarch64, not $arch" ;;
esac
target=$arch-unknown-linux-musl

need_rust
need_node
need_target wasm32-unknown-unknown
need_target "$target"
[[ -f /etc/ssl/certs/ca-certificates.crt ]] || debian ca-certificates
if [[ $arch == x86_64 ]]; then
    need_musl
else
    # Debian's cross compiler is for glibc: with musl's headers in front it makes objects that musl links. Rust brings the
    # linker and musl's own libraries.
    have aarch64-linux-gnu-gcc || die "the cross compiler is missing: apt-get install gcc-aarch64-linux-gnu"
    headers=/usr/include/aarch64-linux-musl
    [[ -d $headers ]] || die "musl's headers are missing: dpkg --add-architecture arm64 && apt-get update && apt-get install musl-dev:arm64"
    export CC_aarch64_unknown_linux_musl=aarch64-linux-gnu-gcc
    own=$(aarch64-linux-gnu-gcc -print-file-name=include)
    export CFLAGS_aarch64_unknown_linux_musl="-nostdinc -isystem $headers -isystem $own -U_FORTIFY_SOURCE -DMI_DEFAULT_ARENA_MAX_OBJECT_SIZE=4096L -DMI_DEFAULT_ALLOW_THP=0"
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld
fi

build_site wasm
# Another architecture's busybox has to be named.
if [[ $arch == x86_64 ]]; then need_busybox; else export ECOS_BUSYBOX=${ECOS_BUSYBOX:-}; fi
say "building dist/$name ($target)"
ECOS_SITE=$site cargo build -q -p ecos --profile "$profile" --target "$target"
mkdir -p dist
cp "$CARGO_TARGET_DIR/$target/$profile/ecos" "dist/$name"

say "building dist/$name-image.tar"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rootfs=$work/rootfs
mkdir -p "$rootfs/etc/ssl/certs" "$rootfs/data" "$rootfs/tmp"
cp "dist/$name" "$rootfs/ecos"
cp -L /etc/ssl/certs/ca-certificates.crt "$rootfs/etc/ssl/certs/ca-certificates.crt"
chmod 755 "$rootfs" "$rootfs/ecos" "$rootfs/etc" "$rootfs/etc/ssl" "$rootfs/etc/ssl/certs"
chmod 644 "$rootfs/etc/ssl/certs/ca-certificates.crt"
chmod 1777 "$rootfs/tmp"
chmod 700 "$rootfs/data"
plain=(--sort=name --mtime=@0 --numeric-owner --format=gnu)
# /data belongs to user 65532, so that `--user 65532` can write to a new volume; root can as well.
tar -C "$rootfs" "${plain[@]}" --owner=0 --group=0 --no-recursion -cf "$work/layer.tar" . ecos etc etc/ssl etc/ssl/certs etc/ssl/certs/ca-certificates.crt tmp
tar -C "$rootfs" "${plain[@]}" --owner=65532 --group=65532 --no-recursion -rf "$work/layer.tar" data
layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
created=$(git log -1 --format=%cI 2>/dev/null || date -u +%Y-%m-%dT%H:%M:%SZ)
cat >"$work/config.json" <<JSON
{"architecture":"$docker_arch","os":"linux","created":"$created","config":{"User":"","Env":["PATH=/","ECOS_LISTEN=0.0.0.0:3000","ECOS_DATA_DIR=/data","ECOS_TLS=auto","SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],"Entrypoint":["/ecos"],"WorkingDir":"/data","ExposedPorts":{"3000/tcp":{}},"Volumes":{"/data":{}},"StopSignal":"SIGTERM","Labels":{"org.opencontainers.image.title":"EcOS Console","org.opencontainers.image.version":"$version","org.opencontainers.image.licenses":"Apache-2.0"}},"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},"history":[{"created":"$created","created_by":"make dist"}]}
JSON
config=$(sha256sum "$work/config.json" | cut -d' ' -f1).json
mv "$work/config.json" "$work/$config"
printf '[{"Config":"%s","RepoTags":["ecos:latest","ecos:%s"],"Layers":["layer.tar"]}]\n' "$config" "$version" >"$work/manifest.json"
tar -C "$work" "${plain[@]}" --owner=0 --group=0 -cf "dist/$name-image.tar" manifest.json "$config" layer.tar

for file in "dist/$name" "dist/$name-image.tar"; do
    size=$(stat -c %s "$file")
    [[ $size -le $limit ]] || die "$file has $size bytes, more than $limit"
    say "$file: $(numfmt --to=si --format=%.1f "$size")B"
done
