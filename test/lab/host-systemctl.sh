#!/bin/bash
# Stands in for systemctl on a machine of network namespaces, where no systemd is PID 1: starts what the units name, with
# their own lines. What it knows of a unit lies in /run/units.
set -u
seen=/run/units
mkdir -p "$seen"

now=
words=()
for word; do
  case $word in
    --now) now=yes ;;
    -*) ;;
    *) words+=("$word") ;;
  esac
done
action=${words[0]}
units=("${words[@]:1}")

find_unit() {
  name=$1
  case $name in *.*) ;; *) name=$name.service ;; esac
  file=
  sysv=
  for place in /etc/systemd/system /run/systemd/system /lib/systemd/system; do
    if [ -f "$place/$name" ]; then
      file=$place/$name
      return
    fi
  done
  # What systemd-sysv-generator(8) makes of a script that is all a package has.
  sysv=/etc/init.d/${name%.service}
  if [ ! -x "$sysv" ]; then
    sysv=
    return
  fi
  file=$seen/generated-$name
  # Else it would ask systemctl in turn, as one that is called by hand does.
  run="env SYSTEMCTL_SKIP_REDIRECT=yes $sysv"
  printf 'Type=oneshot\nExecStart=%s start\nExecStop=%s stop\n' "$run" "$run" >"$file"
}

value() { sed -n "s/^$1=//p" "$file"; }

# A program that its unit leaves in the background is known by its PIDFile.
main_pid() {
  local own
  own=$([ -n "$file" ] && value PIDFile | head -n 1)
  cat "${own:-$seen/$name.pid}" 2>/dev/null
}

is_active() {
  local pid
  [ -e "$seen/$name.done" ] && return 0
  [ -e "$seen/$name.started" ] || return 1
  pid=$(main_pid)
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$pid/status"
}

run_lines() {
  local line
  value "$1" >"$seen/lines.$$"
  while IFS= read -r line; do
    local must=yes
    case $line in -*) must= && line=${line#-} ;; +*) line=${line#+} ;; esac
    MAINPID=$(main_pid) bash -c "set -a; [ ! -f /etc/default/${name%.service} ] || . /etc/default/${name%.service}; exec $line" \
      >>"$seen/$name.log" 2>&1 </dev/null || [ -z "$must" ] || return 1
  done <"$seen/lines.$$"
}

stop() {
  local pid
  pid=$(main_pid)
  if [ -e "$seen/$name.done" ]; then run_lines ExecStop; fi
  if is_active && [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null
    for _ in $(seq 200); do is_active || break; sleep 0.02; done
    if is_active; then kill -9 "$pid" 2>/dev/null; fi
  fi
  if [ -n "$file" ] && [ -e "$seen/$name.started" ]; then run_lines ExecStopPost; fi
  rm -f "$seen/$name.started" "$seen/$name.done"
}

start() {
  if [ -z "$file" ]; then echo "Unit $name not found." >&2; return 5; fi
  if [ -e "$seen/$name.masked" ]; then echo "Unit $name is masked." >&2; return 1; fi
  if is_active; then return 0; fi
  : >"$seen/$name.log"
  run_lines ExecStartPre || { cat "$seen/$name.log" >&2; return 1; }
  case $(value Type | head -n 1) in
    oneshot)
      run_lines ExecStart || { cat "$seen/$name.log" >&2; return 1; }
      touch "$seen/$name.done"
      return
      ;;
    forking) run_lines ExecStart || { cat "$seen/$name.log" >&2; return 1; } ;;
    *)
      local line
      line=$(value ExecStart | head -n 1)
      line=${line#!!}
      # shellcheck disable=SC2016
      setsid bash -c "set -a; [ ! -f /etc/default/${name%.service} ] || . /etc/default/${name%.service}; exec $line" \
        >>"$seen/$name.log" 2>&1 </dev/null &
      echo $! >"$seen/$name.pid"
      ;;
  esac
  touch "$seen/$name.started"
  # As each tells systemd that it is there.
  for _ in $(seq 200); do
    case $name in
      named.service) rndc status >/dev/null 2>&1 && return ;;
      systemd-networkd.service) networkctl --no-pager list >/dev/null 2>&1 && return ;;
      *) is_active && return ;;
    esac
    sleep 0.05
    is_active || [ "$name" = radvd.service ] || { cat "$seen/$name.log" >&2; return 1; }
  done
  cat "$seen/$name.log" >&2
  return 1
}

reload() { run_lines ExecReload || { cat "$seen/$name.log" >&2; return 1; }; }

show() {
  local load=loaded state=disabled active=inactive
  if [ -z "$file" ]; then load=not-found state=; fi
  if [ -e "$seen/$name.enabled" ]; then state=enabled; fi
  if [ -n "$sysv" ]; then state=generated; fi
  if [ -e "$seen/$name.masked" ]; then load=masked state=masked; fi
  if is_active; then active=active; fi
  printf 'Id=%s\nLoadState=%s\nUnitFileState=%s\nActiveState=%s\n\n' "$name" "$load" "$state" "$active"
}

code=0
for unit in "${units[@]}"; do
  find_unit "$unit"
  case $action in
    show) show ;;
    start) start || code=1 ;;
    stop) stop ;;
    restart) stop; start || code=1 ;;
    reload) reload || code=1 ;;
    reload-or-restart) if is_active; then reload || code=1; else start || code=1; fi ;;
    enable) touch "$seen/$name.enabled"; if [ -n "$now" ]; then start || code=1; fi ;;
    disable) rm -f "$seen/$name.enabled"; if [ -n "$now" ]; then stop; fi ;;
    mask)
      if [ -n "$now" ]; then stop; fi
      touch "$seen/$name.masked"
      ln -s /dev/null "/etc/systemd/system/$name" 2>/dev/null || [ -L "/etc/systemd/system/$name" ] || code=1
      ;;
    unmask)
      rm -f "$seen/$name.masked"
      if [ -L "/etc/systemd/system/$name" ]; then rm "/etc/systemd/system/$name"; fi
      ;;
    is-active) if is_active; then echo active; else echo inactive; code=3; fi ;;
    *) echo "systemctl $action is not known to the stand-in" >&2; exit 1 ;;
  esac
done
exit $code
