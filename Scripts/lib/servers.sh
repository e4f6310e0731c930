# PostgreSQL and Redis on free loopback ports in one temporary folder, stopped by pid. Sourced after packages.sh.

servers=$(mktemp -d "${TMPDIR:-/tmp}/vitals-servers.XXXXXX")
chmod 755 "$servers"
server_pids=()

stop_servers() {
    local pid
    for pid in "${server_pids[@]:-}"; do
        [ -n "$pid" ] && kill "$pid" 2>/dev/null && tail --pid="$pid" -f /dev/null 2>/dev/null
    done
    server_pids=()
    rm -rf "$servers"
}

# start_postgres  sets VITALS_TEST_POSTGRES to the address of a fresh server.
start_postgres() {
    local bin port data="$servers/postgres"
    bin=$(postgres_bin)
    [ -n "$bin" ] || die "no PostgreSQL server is installed"
    port=$(free_port)
    mkdir -p "$data"
    [ "$(id -u)" -eq 0 ] && chown postgres "$data"
    as_postgres "$bin/initdb" -D "$data" -U postgres -A trust --no-instructions >"$servers/initdb.log" 2>&1 \
        || { cat "$servers/initdb.log" >&2; die "initdb failed"; }
    as_postgres "$bin/pg_ctl" -D "$data" -s -w -l "$data/server.log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300" start \
        || { cat "$data/server.log" >&2; die "PostgreSQL did not start"; }
    server_pids+=("$(head -n 1 "$data/postmaster.pid")")
    export VITALS_TEST_POSTGRES="postgresql://postgres@127.0.0.1:$port/postgres"
}

# start_redis  sets VITALS_TEST_REDIS to the address of a fresh server.
start_redis() {
    local port
    port=$(free_port)
    mkdir -p "$servers/redis"
    redis-server --bind 127.0.0.1 --port "$port" --dir "$servers/redis" --save '' --appendonly no \
        --daemonize no >"$servers/redis/log" 2>&1 &
    server_pids+=("$!")
    until redis-cli -p "$port" ping >/dev/null 2>&1; do
        kill -0 "${server_pids[-1]}" 2>/dev/null || { cat "$servers/redis/log" >&2; die "Redis did not start"; }
    done
    export VITALS_TEST_REDIS="redis://127.0.0.1:$port"
}
