# shellcheck shell=bash
# Sourced (after scripts/lib.sh) by what needs a Docker engine and a PostgreSQL: uses what runs, starts what does not, and
# ends what it started, by process id. Everything it makes lies in one directory, which a later run removes if this one is killed.

services_dir=

# services_begin: makes the directory, and clears away what killed runs left behind.
services_begin() {
    local old pid
    for old in /tmp/ecos-test.*; do
        [[ -f $old/owner ]] || continue
        pid=$(cat "$old/owner")
        # A process id can be in use again by another program: the run is alive only if it is still a shell of ours.
        if [[ -d /proc/$pid ]] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qE 'scripts/(test|bench|browser)\.sh'; then continue; fi
        say "clearing away what a killed run left in $old"
        services_remove "$old"
    done
    services_dir=$(mktemp -d /tmp/ecos-test.XXXXXX)
    chmod 755 "$services_dir" # PostgreSQL runs as another user where root starts it
    echo $$ >"$services_dir/owner"
}

# services_end: ends what was started here.
services_end() {
    [[ -n $services_dir ]] || return 0
    services_remove "$services_dir"
    services_dir=
}

services_remove() {
    local dir=$1 mount
    [[ ! -d $dir/pg ]] || pg_run "$dir/pg" "$(pg_bin)/pg_ctl" -D "$dir/pg/data" -m immediate -w -s stop 2>/dev/null || true
    if [[ -f $dir/docker/docker.pid ]]; then
        end_process "$(cat "$dir/docker/docker.pid")" dockerd
        end_process "$(cat "$dir/docker/exec/containerd/containerd.pid" 2>/dev/null || true)" containerd
    fi
    { grep -oE " $dir/[^ ]+" /proc/self/mounts || true; } | sort -r | while read -r mount; do as_root umount -l "$mount" || true; done
    if [[ -w /tmp && ( $(id -u) == 0 || ! -d $dir/docker ) ]]; then rm -rf "$dir"; else as_root rm -rf "$dir"; fi
}

# end_process PID NAME: asks, waits up to 20 s, then kills; only if the process of that id is still that program.
end_process() {
    local pid=$1 name=$2 n
    [[ -n $pid && $(cat "/proc/$pid/comm" 2>/dev/null) == "$name" ]] || return 0
    as_root kill "$pid" 2>/dev/null || return 0
    for ((n = 0; n < 200; n++)); do
        [[ -d /proc/$pid ]] || return 0
        sleep 0.1
    done
    as_root kill -9 "$pid" 2>/dev/null || true
}

# ensure_docker: sets ECOS_TEST_DOCKER_HOST to an engine that answers.
ensure_docker() {
    local host=${ECOS_TEST_DOCKER_HOST:-${DOCKER_HOST:-unix:///var/run/docker.sock}} dir=$services_dir/docker n
    if DOCKER_HOST=$host timeout 20 docker info >/dev/null 2>&1; then
        export ECOS_TEST_DOCKER_HOST=$host
        say "Docker engine: the one that runs at $host"
        return
    fi
    say "Docker engine: none answers at $host, so one is started (as root) in $dir"
    mkdir -p "$dir"
    as_root setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/docker.pid" \
        --group "$(id -g)" -H "unix://$dir/docker.sock" </dev/null >"$dir/log" 2>&1 &
    export ECOS_TEST_DOCKER_HOST=unix://$dir/docker.sock
    for ((n = 0; n < 300; n++)); do
        DOCKER_HOST=$ECOS_TEST_DOCKER_HOST docker info >/dev/null 2>&1 && return
        sleep 0.2
    done
    tail -n 20 "$dir/log" >&2
    die "dockerd did not come up within a minute; its last lines are above"
}

pg_bin() {
    local found
    found=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n1)
    [[ -n $found ]] || found=$(dirname "$(command -v initdb)")
    echo "$found"
}

# pg_run DIR COMMAND...: initdb and postgres refuse root, so root becomes the package's user for them.
pg_run() {
    local dir=$1
    shift
    if [[ $(id -u) == 0 ]]; then
        (cd "$dir" && setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$dir" "$@")
    else
        (cd "$dir" && "$@")
    fi
}

# ensure_postgres: sets ECOS_TEST_POSTGRES_URL to a throw-away server on 127.0.0.1, unless one is given.
ensure_postgres() {
    if [[ -n ${ECOS_TEST_POSTGRES_URL:-} ]]; then
        say "PostgreSQL: the one that ECOS_TEST_POSTGRES_URL names"
        return
    fi
    local dir=$services_dir/pg port bin
    port=$(free_port)
    bin=$(pg_bin)
    mkdir -p "$dir"
    [[ $(id -u) != 0 ]] || chown postgres: "$dir"
    pg_run "$dir" "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$services_dir/initdb.log" ||
        die "initdb failed: see above"
    pg_run "$dir" "$bin/pg_ctl" -D "$dir/data" -w -s -t 60 -l "$dir/log" \
        -o "-p $port -h 127.0.0.1 -k $dir -c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=100" start ||
        die "PostgreSQL did not start: $(tail -n 3 "$dir/log" 2>/dev/null)"
    export ECOS_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$port/postgres
    say "PostgreSQL: a throw-away one on 127.0.0.1:$port"
}

# test_packages: what the tests need from Debian. Asked for by what is missing, so that an engine or a browser from
# elsewhere is used as it is.
test_packages() {
    local missing=()
    have docker && { have dockerd || engine_answers; } || missing+=(docker.io)
    have iptables || [[ -x /usr/sbin/iptables ]] || missing+=(iptables)
    have ip || missing+=(iproute2)
    [[ -n $(pg_bin) && -x $(pg_bin)/initdb ]] || missing+=(postgresql)
    find_chromium >/dev/null || missing+=(chromium)
    fc-list :lang=zh 2>/dev/null | grep -q . || missing+=(fontconfig fonts-noto-cjk)
    [[ -f /bin/busybox || -f /usr/bin/busybox ]] && ! ldd "$(command -v busybox)" >/dev/null 2>&1 || missing+=(busybox-static)
    have docker-registry || missing+=(docker-registry)
    have musl-gcc || missing+=(musl-tools)
    have sqlite3 || missing+=(sqlite3)
    have openssl || missing+=(openssl)
    have curl || missing+=(curl)
    debian "${missing[@]}"
    find_chromium >/dev/null ||
        die "no Chromium was found. On Ubuntu the package is a snap, which does not run everywhere: install Google Chrome and set ECOS_TEST_CHROMIUM=/path/to/it"
}

engine_answers() { docker info >/dev/null 2>&1; }

find_chromium() {
    local name
    if [[ -n ${ECOS_TEST_CHROMIUM:-} ]]; then
        [[ -x $ECOS_TEST_CHROMIUM ]] && echo "$ECOS_TEST_CHROMIUM"
        return
    fi
    for name in chromium google-chrome-stable google-chrome chrome; do
        if have "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}
