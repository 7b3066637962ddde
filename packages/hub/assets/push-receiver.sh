#!/bin/sh
# Sixhub's receiver: takes certificates that a hub pushes to a host which runs no agent.
#
# It is bound to the hub's key in authorized_keys, and is all that this key can start:
#   restrict,command="/bin/sh /usr/local/lib/sixhub-push/receiver" ssh-ed25519 AAAA... sixhub-push
#
# What it may write and run stands in this host's own list, and nowhere else: /etc/sixhub/push.conf, or the file that
# follows its name in authorized_keys. The hub names a certificate of that list and sends its content; it sends no path,
# no right and no command.
#
#   certificate example.org
#   file fullchain /etc/ssl/sixhub/fullchain.pem 644 root:root
#   file privkey /etc/ssl/sixhub/privkey.pem 600 root:root
#   check apachectl -t
#   reload systemctl reload apache2
#
# Forms: fullchain, cert, chain, privkey, joined (chain, then key), joined-key-first. Several files, checks and reloads are
# taken in their order; each check and reload is a line of sh. `state DIR`, before the first certificate, moves what it
# remembers out of /var/lib/sixhub-push.
#
# POSIX sh, and cat, rm, mv, ln, cp, chmod, chown, mkdir, ls, awk, cksum, head, tail, find, sync: dash, busybox and the BSDs
# have them.
# Exit codes: 0 done; 1 the host's own program refuses (its words on standard output); 64 no request of ours; 65 not in the
# list; 66 no whole certificate; 69 another version; 73 the list can't be used; 74 can't be written; 75 another push is
# under way, or has taken over.

LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/opt/sbin:/opt/bin
export LC_ALL PATH
unset ENV CDPATH
IFS=' 	
'
set -fu
umask 077

protocol=1
list=${1:-/etc/sixhub/push.conf}
state=/var/lib/sixhub-push
most=262144

fail() {
  code=$1
  shift
  printf 'sixhub-push: %s\n' "$*" >&2
  exit "$code"
}

# What others may write to is not this host's own word. Of `ls -ldn`: drwxrwxrwx links owner group ...; "above" forgives the
# sticky bit: who may write there can't take away what is not theirs.
mine_alone() {
  [ -e "$1" ] || fail 73 "$1 is not there"
  # shellcheck disable=SC2046 # words are what is wanted
  set -- "$1" "${2-}" $(ls -ldnL -- "$1")
  case $2$3 in
    above?????????[tT]*) ;;
    "$2"????????w*) fail 73 "$1 may be written by everybody" ;;
    "$2"?????w*) fail 73 "$1 may be written by its group" ;;
  esac
  [ "$5" = 0 ] || [ "$5" = "$(id -u)" ] || fail 73 "$1 belongs to the user $5"
}

# Who may write a directory can put a link in the place of what is in it, and root's chown would follow. So all of them are
# looked at, as the path has them and as they are without links; a link that leads to a link is seen at its end alone.
trodden=
mine_upwards() {
  dir=${1%/*}/
  case " $trodden " in *" $dir "*) return ;; esac
  for way in "$dir" "$(cd -P -- "$dir" && pwd -P)/"; do
    while [ -n "$way" ]; do
      way=${way%/*}
      mine_alone "${way:-/}" above
    done
  done
  trodden="$trodden $dir"
}

read_list() {
  case $list in
    /*) ;;
    *) list=$PWD/$list ;;
  esac
  mine_alone "$list"
  mine_upwards "$list"
  [ -r "$list" ] || fail 73 "$list can't be read"
  seen=
  while read -r word rest || [ -n "$word" ]; do
    case $word in
      '' | '#'*) ;;
      state)
        [ -z "$seen" ] || fail 73 "$list: 'state' stands before the first certificate"
        state=$rest
        ;;
      certificate)
        case $rest in
          '' | .* | -* | *..* | *[!a-z0-9._-]*) fail 73 "$list: '$rest' is no certificate's name" ;;
        esac
        seen=$rest
        ;;
      file | check | reload) [ -n "$seen" ] || fail 73 "$list: '$word' stands below no certificate" ;;
      *) fail 73 "$list: '$word' is no word of it" ;;
    esac
  done <"$list"
  case $state in
    /*) ;;
    *) fail 73 "$list: '$state' is no whole path" ;;
  esac
}

# The lines of one kind below one certificate.
lines_of() {
  here=
  while read -r word rest || [ -n "$word" ]; do
    case $word in
      certificate) here=$rest ;;
      "$2") [ "$here" != "$1" ] || printf '%s\n' "$rest" ;;
    esac
  done <"$list"
}

is_listed() {
  while read -r word rest || [ -n "$word" ]; do
    [ "$word $rest" != "certificate $1" ] || return 0
  done <"$list"
  return 1
}

beside() { printf '%s/.%s.sixhub-%s' "${1%/*}" "${1##*/}" "$2"; }

# form, path, mode and owner of each file, checked; calls "$1" with them.
each_file() {
  lines_of "$name" file >"$own/files" || fail 74 "$own can't be written"
  count=0
  while read -r form path mode owner more; do
    count=$((count + 1))
    case $form in
      fullchain | cert | chain | privkey | joined | joined-key-first) ;;
      *) fail 73 "$list: '$form' is no form of a certificate" ;;
    esac
    case $path in
      */ | */. | */..) fail 73 "$list: '$path' is no file" ;;
      /*) ;;
      *) fail 73 "$list: '$path' is no whole path" ;;
    esac
    [ -z "$more" ] || fail 73 "$list: too many words follow $path"
    mode=${mode:-600}
    case $mode in
      *[!0-7]*) fail 73 "$list: '$mode' is no mode" ;;
    esac
    [ ! -h "$path" ] || fail 73 "$path is a link: name the file that it leads to"
    [ ! -d "$path" ] || fail 73 "$path is a directory"
    [ -d "${path%/*}/" ] || fail 73 "the directory of $path is not there"
    mine_alone "${path%/*}/"
    mine_upwards "$path"
    "$1" || exit $?
  done <"$own/files"
  [ "$count" -gt 0 ] || fail 73 "$list: no file stands below $name"
}

# One step at a time, whoever asks. What one left that was killed, or that began before the machine did, or that hangs for
# longer than the hub waits (ten minutes), is nobody's.
lock() {
  [ ! -h "$state" ] || fail 73 "$state is a link: name the directory that it leads to"
  mkdir -p "$state" || fail 74 "$state can't be made"
  mine_alone "$state"
  mine_upwards "$state"
  chmod 700 "$state" || fail 73 "$state is not ours"
  boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null) || boot=-
  me="$$ $boot"
  tries=0
  until mkdir "$state/lock" 2>/dev/null; do
    holder=$(cat "$state/lock/pid" 2>/dev/null) || holder=
    if [ -n "$holder" ] && is_over; then
      break_lock
      continue
    fi
    [ -d "$state/lock" ] || [ "$tries" -lt 2 ] || fail 74 "$state can't be written: $(room)"
    [ "$tries" -lt 20 ] || fail 75 'another push is under way'
    tries=$((tries + 1))
    [ "$tries" -ne 20 ] || [ -n "$holder" ] || break_lock # killed before it said who it is
    sleep 1
  done
  trap unlock EXIT
  trap 'exit 74' INT TERM
  printf '%s\n' "$me" >"$state/lock/pid" || {
    rm -rf "$state/lock"
    fail 74 "$state can't be written: $(room)"
  }
  (set +f && rm -rf "$state"/lock.*) # of one that was killed while it broke a lock
  own=$state/of-$name # never `lock`, whatever the certificate's name
  mkdir -p "$own" || fail 74 "$own can't be made"
}
is_over() {
  [ "${holder#* }" = "$boot" ] || return 0
  kill -0 "${holder%% *}" 2>/dev/null || return 0
  [ -n "$(find "$state/lock/pid" -mmin +20 2>/dev/null)" ]
}
# By a name of our own, so that of two only one takes it away; whose it was is looked at again.
break_lock() {
  mv "$state/lock" "$state/lock.$$" 2>/dev/null || return 0
  [ "$(cat "$state/lock.$$/pid" 2>/dev/null)" = "$holder" ] || [ -e "$state/lock" ] || mv "$state/lock.$$" "$state/lock"
  rm -rf "$state/lock.$$"
}
holds() { [ "$(cat "$state/lock/pid" 2>/dev/null)" = "$me" ]; }
unlock() { ! holds || rm -rf "$state/lock"; }

room() { df -P "$state" 2>/dev/null | awk 'NR == 2 { print $4 " kB left on " $6 }'; }

# A push that was begun: `ID staged`, `ID switching` or `ID switched`; nothing where none is.
note() {
  printf '%s\n' "$*" >"$own/phase.new" || fail 74 "$own can't be written: $(room)"
  mv -f "$own/phase.new" "$own/phase" || fail 74 "$own can't be written"
}
begun() {
  phase_id='' phase=''
  [ ! -f "$own/phase" ] || read -r phase_id phase <"$own/phase" || :
}
mine() {
  begun
  [ "$phase_id" = "$id" ] || fail 75 "the push $id of $name is not under way here: ${phase_id:-none} is"
}

# Standard input: a private key, the certificate, its issuers, and a last line, which a connection that breaks cuts off.
take_apart() {
  parts=$state/lock/parts
  mkdir "$parts" || fail 74 "$parts can't be made"
  head -c "$most" >"$parts/all" || fail 74 "what came can't be kept: $(room)"
  : >"$parts/chain"
  awk -v to="$parts/" '
    /^-----BEGIN [A-Z ]*PRIVATE KEY-----$/ { if (part != "") bad = 1; part = "key"; keys++ }
    /^-----BEGIN CERTIFICATE-----$/ { if (part != "") bad = 1; part = certificates++ ? "chain" : "cert" }
    part == "" && /^sixhub-end$/ { whole = 1; next }
    part == "" { bad = 1; next }
    { if ($0 !~ /^[A-Za-z0-9+\/=]*$/ && $0 !~ /^-----(BEGIN|END) [A-Z ]+-----$/) bad = 1
      print > (to part) }
    /^-----END / { part = "" }
    END { exit whole && !bad && keys == 1 && certificates >= 1 ? 0 : 9 }
  ' "$parts/all"
  case $? in
    0) ;;
    9) fail 66 "what came for $name is not one certificate with its key, or not all of it" ;;
    *) fail 74 "what came can't be kept: $(room)" ;;
  esac
  rm -f "$parts/all"
  holds || fail 75 "another push has taken over while this one waited for its end"
  if command -v openssl >/dev/null 2>&1; then
    of_certificate=$(openssl x509 -in "$parts/cert" -noout -pubkey 2>/dev/null)
    of_key=$(openssl pkey -in "$parts/key" -pubout 2>/dev/null)
    [ "${of_key:-none}" = "$of_certificate" ] || fail 66 "the key that came for $name is not the certificate's"
  fi
}

in_form() {
  case $form in
    fullchain) cat "$parts/cert" "$parts/chain" ;;
    cert) cat "$parts/cert" ;;
    chain) cat "$parts/chain" ;;
    privkey) cat "$parts/key" ;;
    joined) cat "$parts/cert" "$parts/chain" "$parts/key" ;;
    joined-key-first) cat "$parts/key" "$parts/cert" "$parts/chain" ;;
  esac
}

put_new() {
  new=$(beside "$path" new)
  rm -f -- "$new"
  # Nobody but its owner may ever read it before it has its rights, and no name that somebody put there is followed.
  (set -C && in_form >"$new") 2>/dev/null || fail 74 "$new can't be written: $(state=${path%/*}/ && room)"
  [ -z "$owner" ] || chown -- "$owner" "$new" || fail 74 "$new can't be given to $owner"
  chmod "$mode" "$new" || fail 74 "$new can't have the mode $mode"
}

drop_new() { rm -f -- "$(beside "$path" new)"; }
drop_old() { rm -f -- "$(beside "$path" old)"; }
need_new() { [ -f "$(beside "$path" new)" ] || fail 75 "$path is not staged"; }
keep_old() {
  old=$(beside "$path" old)
  rm -f -- "$old"
  [ ! -e "$path" ] || ln -- "$path" "$old" 2>/dev/null || cp -p -- "$path" "$old" ||
    fail 74 "$path can't be kept for the way back: $(state=${path%/*}/ && room)"
}
put_forward() { mv -f -- "$(beside "$path" new)" "$path" || fail 74 "$path can't be replaced"; }
put_back() {
  old=$(beside "$path" old)
  # The new one is where it was: it was not this file's turn yet. The old one stands, and is $old by another name, which GNU's
  # mv takes for a mistake.
  if [ -f "$(beside "$path" new)" ]; then
    rm -f -- "$old"
    return
  fi
  [ ! -f "$old" ] || mv -f -- "$old" "$path" || fail 74 "$path can't be put back"
}
sum() { [ ! -e "$path" ] || cksum <"$path"; }

go_back() {
  case $phase in
    switching | switched) each_file put_back ;;
    *) each_file drop_old ;;
  esac
  each_file drop_new
  rm -f "$own/phase"
  sync
}

# Its own words, cut, since they end in a report. Through a file: what it starts may keep its output open.
says() {
  "$@" >"$own/said" 2>&1 </dev/null && return 0
  tail -c 2000 "$own/said"
  return 1
}
run_each() {
  lines_of "$name" "$1" >"$own/lines" || fail 74 "$own can't be written"
  worst=0
  while read -r line <&3 || [ -n "$line" ]; do
    [ -z "$line" ] || says sh -c "$line" || {
      worst=1
      printf '\n(%s)\n' "$line"
    }
  done 3<"$own/lines"
  return "$worst"
}

# The whole certificates of a file, never its key, nor what stands where a certificate should have ended.
show_file() {
  if [ -e "$path" ]; then
    printf 'file %s %s\n' "$form" "$path"
    awk '
      /^-----BEGIN CERTIFICATE-----/ { on = 1; text = "-----BEGIN CERTIFICATE-----\n"; next }
      on && /^-----END CERTIFICATE-----/ { printf "%s-----END CERTIFICATE-----\n", text }
      on && /^[A-Za-z0-9+\/=]+\r?$/ { text = text $0 "\n"; next }
      { on = 0 }
    ' "$path" ||
      fail 74 "$path can't be read"
  else
    printf 'absent %s %s\n' "$form" "$path"
  fi
}

request=${SSH_ORIGINAL_COMMAND-}
case $request in
  '') fail 64 'this key is for the hub of Sixhub, and opens no shell here' ;;
  *[!A-Za-z0-9._\ -]*) fail 64 'this key takes no other command, and no SFTP' ;;
esac
# shellcheck disable=SC2086 # words are what is wanted, and nothing in it is a pattern
set -- $request
[ "${1-}" = sixhub-push ] || fail 64 'this key takes no other command, and no SFTP'
[ "${2-}" = "$protocol" ] || fail 69 "this receiver speaks $protocol, and was spoken to in '${2-}'"
verb=${3-} name=${4-} id=${5-}
[ $# -le 5 ] || fail 64 'too many words'

read_list
if [ "$verb" = list ]; then
  [ -z "$name" ] || fail 64 'too many words'
  printf 'sixhub-push %s\n' "$protocol"
  while read -r word rest || [ -n "$word" ]; do
    [ "$word" != certificate ] || printf 'certificate %s\n' "$rest"
  done <"$list"
  exit 0
fi

case $name in
  '' | .* | -* | *..* | *[!a-z0-9._-]*) fail 64 'no certificate is named so' ;;
esac
is_listed "$name" || fail 65 "$list has no $name"
case $verb in
  show | check | reload) [ -z "$id" ] || fail 64 'too many words' ;;
  stage | switch | back | done)
    case $id in
      '' | *[!0-9a-f-]*) fail 64 'a push has a number of hexadecimal digits' ;;
    esac
    ;;
  *) fail 64 "there is no '$verb'" ;;
esac

lock
case $verb in
  show)
    begun
    same=changed
    each_file sum >"$own/sums.now" && [ -f "$own/sums" ] &&
      [ "$(cat "$own/sums")" = "$(cat "$own/sums.now")" ] && same=same
    rm -f "$own/sums.now"
    printf 'push %s %s %s\n' "${phase_id:--}" "${phase:--}" "$same"
    each_file show_file
    ;;
  check) run_each check ;;
  stage)
    begun
    [ -z "$phase_id" ] || go_back
    take_apart
    each_file drop_old
    note "$id staged"
    each_file put_new
    sync
    ;;
  switch)
    trap '' HUP PIPE
    mine
    [ "$phase" = staged ] || fail 75 "the push $id of $name is $phase already"
    each_file need_new
    each_file keep_old
    sync
    note "$id switching"
    sync
    each_file put_forward
    note "$id switched"
    sync
    ;;
  reload) run_each reload ;;
  back)
    trap '' HUP PIPE
    mine
    go_back
    ;;
  done)
    mine
    [ "$phase" = switched ] || fail 75 "the push $id of $name is $phase yet"
    each_file sum >"$own/sums.new"
    mv -f "$own/sums.new" "$own/sums" || fail 74 "$own can't be written"
    each_file drop_old
    rm -f "$own/phase"
    ;;
esac
