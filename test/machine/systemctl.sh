#!/bin/sh
# Stands in for systemctl on a machine without systemd: starts what a unit names, as the unit's user and with its
# directories, so that a page that gives a file to the wrong user fails here as it would there.
set -eu
action=$1
shift
seen=/run/stand-in
mkdir -p "$seen"

value() { sed -n "s/^$1=//p" "$file" | head -n 1; }

stop() {
  if [ -f "$seen/$name.pid" ]; then
    pid=$(cat "$seen/$name.pid")
    kill "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    rm -f "$seen/$name.pid"
  fi
}

start() {
  user=$(value User)
  group=$(value Group)
  for directory in $(value StateDirectory); do
    mkdir -p "/var/lib/$directory"
    if [ -n "$user" ]; then chown "$user" "/var/lib/$directory"; fi
  done
  for directory in $(value RuntimeDirectory); do
    rm -rf "/run/$directory"
    mkdir -p "/run/$directory"
    if [ -n "$user" ]; then chown "$user" "/run/$directory"; fi
  done
  set -- $(value ExecStart)
  if [ -n "$user" ]; then
    set -- setpriv --reuid "$user" --regid "${group:-$user}" --init-groups \
      --inh-caps -all,+net_bind_service --ambient-caps -all,+net_bind_service -- "$@"
  fi
  if [ "$(value Type)" = oneshot ]; then
    "$@" >>"$seen/$name.log" 2>&1 || { cat "$seen/$name.log" >&2; return 1; }
    return
  fi
  setsid "$@" >>"$seen/$name.log" 2>&1 </dev/null &
  echo $! >"$seen/$name.pid"
  # For the hub as its unit's ExecStartPost does it.
  case $name in
    sixhub) for _ in $(seq 100); do [ -S /run/sixhub/hub.sock ] && return; sleep 0.1; done ;;
    *) sleep 1; kill -0 "$(cat "$seen/$name.pid")" && return ;;
  esac
  cat "$seen/$name.log" >&2
  return 1
}

for unit; do
  case $unit in -*) continue ;; esac
  name=${unit%.service}
  name=${name%.timer}
  file=/etc/systemd/system/$name.service
  if [ ! -f "$file" ]; then
    echo "Unit $name.service not found." >&2
    exit 5
  fi
  case $action in
    daemon-reload) ;;
    enable | start) stop; start; touch "$seen/$unit.enabled" ;;
    restart) stop; start ;;
    stop) stop ;;
    disable) stop; rm -f "$seen/$unit.enabled" ;;
    reload) kill -HUP "$(cat "$seen/$name.pid")" ;;
    is-enabled) [ -f "$seen/$unit.enabled" ] && echo enabled ;;
    status | is-active)
      case $unit in *.timer) [ -f "$seen/$unit.enabled" ] && echo active && continue ;; esac
      kill -0 "$(cat "$seen/$name.pid")" && echo active ;;
    *) echo "systemctl $action is not known to the stand-in" >&2; exit 1 ;;
  esac
done
