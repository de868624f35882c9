# Runs a private PostgreSQL for as long as its standard input stays open: whoever started it may end in any way, and it goes too.
# Prints its directory, which holds the socket, once it answers. $1: the folder of the PostgreSQL programs.
# $2: more lines for postgresql.conf.
set -eu
folder=$(mktemp -d "/tmp/counterpoise-test-XXXXXX")
stop() {
    trap - EXIT
    "$1/pg_ctl" --pgdata="$folder/data" --mode=immediate --silent stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap 'stop "$1"' EXIT
trap 'exit 1' INT TERM HUP

"$1/initdb" --pgdata="$folder/data" --username=counterpoise --auth=trust --encoding=UTF8 --locale=C --no-sync >"$folder/log" 2>&1 \
    || { cat "$folder/log" >&2; exit 1; }
cat >>"$folder/data/postgresql.conf" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 300
shared_buffers = 64MB
fsync = off
full_page_writes = off
$2
SETTINGS
"$1/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait --silent start >/dev/null 2>&1 || { cat "$folder/log" >&2; exit 1; }
echo "$folder"
cat >/dev/null
