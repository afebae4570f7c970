#!/usr/bin/env bash
# Three servers and two clients, each in a network namespace of its own; nothing of it is seen outside.
#
#   unshare --user --map-root-user --net --mount --pid --fork --kill-child bash lab.sh RUNNER FOLDER
#
# Every line of standard output is a step that was done; the first that is not as expected ends it with 1.
set -euo pipefail
runner=$1
cd "$2"

step() { printf '%s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }
at() { ip netns exec "$@"; }
until_is() { # SECONDS WHAT COMMAND…: waits until it succeeds
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "waited in vain: $what"
    sleep 0.1
  done
}

mount -t proc none /proc
mount -t tmpfs none /run
mkdir -p /run/netns
ip link set lo up
ip link add bridge type bridge
ip link set bridge up
for host in 1 2 3 4 5; do
  ip netns add "h$host"
  ip link add "v$host" type veth peer name eth0 netns "h$host"
  ip link set "v$host" master bridge up
  ip -n "h$host" addr add "192.0.2.$host/24" dev eth0
  ip -n "h$host" link set eth0 up
  ip -n "h$host" link set lo up
done
step "five namespaces: three for servers, two for clients"

"$runner" chat keys --out keys --host 192.0.2.1 --host 192.0.2.2 --host 192.0.2.3 >/dev/null
printf '%064d\n' 7 >secret
chmod 600 secret
for server in 0 1 2; do
  {
    printf 'cluster = "c0ffee00-0000-4000-8000-000000000001"\nserver = %s\nfolder = "state-%s"\nsecret_file = "secret"\n' $server $server
    printf 'tolerate = "partitions"\nheartbeat = "200ms"\nsuspect = "1s"\n'
    printf '[tls]\ncertificate = "keys/192.0.2.%s.pem"\nkey = "keys/192.0.2.%s.key"\nauthority = "keys/authority.pem"\n' $((server + 1)) $((server + 1))
    for each in 0 1 2; do
      printf '[[servers]]\nname = "server-%s"\nclient = "192.0.2.%s:4000"\npeer = "192.0.2.%s:4001"\n' $each $((each + 1)) $((each + 1))
    done
  } >"server-$server.toml"
  at "h$((server + 1))" "$runner" chat serve --found --config "server-$server.toml" >"out-$server" 2>"log-$server" &
done
for server in 0 1 2; do
  until_is 60 "server $server listens" grep -q listens "out-$server"
done
step "three servers listen, with TLS"

here() { # CLIENT COMMAND…: a command of a client, from its host
  local host=$1
  shift
  at "$host" "$runner" chat "$@" --server 192.0.2.1:4000,192.0.2.2:4000,192.0.2.3:4000 --tls-authority keys/authority.pem
}
status() { here h4 status --json >status.json 2>/dev/null; grep -q '"is_served": *true' status.json; }
until_is 60 "somebody serves" status
here h5 receive --name bob >/dev/null   # so that there is a bob
here h4 send --name ada --to bob "before" >/dev/null
[ "$(here h5 receive --name bob --state bob.json --format json | grep -c '"text": *"before"')" = 1 ] || fail "bob has no message from the other side"
step "a message goes from one host to another"

# The place of the primary in the list of servers.
primary=$(grep -o '"role": *"[a-z]*"' status.json | grep -n '"primary"' | cut -d: -f1)
primary=$((primary - 1))
ip link set "v$((primary + 1))" down
step "the primary (server $primary) is cut off from everybody"
here h4 send --name ada --to bob --deadline 60s "during" >/dev/null || fail "what is sent after the cut is not confirmed"
step "the other two go on, and confirm a message"
ip link set "v$((primary + 1))" up
whole() { status && [ "$(grep -o '"role": *"\(primary\|backup\)"' status.json | wc -l)" = 3 ]; }
until_is 60 "all three are in the view again" whole
here h4 send --name ada --to bob "after" >/dev/null
texts=$(here h5 receive --name bob --state bob.json --format json | grep -o '"text": *"[a-z]*"' | tr '\n' ' ')
case "$texts" in
  '"text":"during" "text":"after" ' | '"text": "during" "text": "after" ') ;;
  *) fail "bob got: $texts" ;;
esac
step "the link is back: bob has both messages, in order, once"
ip link set v1 down
ip link set v2 down
ip link set v3 down
if here h4 send --name ada --to bob --deadline 3s "nobody" >/dev/null 2>&1; then
  fail "a message was confirmed by nobody"
fi
step "with every server cut off nothing is confirmed"
