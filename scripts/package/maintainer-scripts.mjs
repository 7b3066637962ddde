/**
 * What runs around unpacking and removing (Debian policy, chapter 6). Units are handled as debhelper's packages do it: by
 * deb-systemd-helper, which knows what the administrator enabled or disabled, and deb-systemd-invoke, which asks
 * policy-rc.d.
 */
export function maintainerScripts(about, { version }) {
  const { units, alsoStopped = [], purged } = about;
  const hasUnits = units.length > 0;
  const scripts = {
    preinst: [refusal(about, version)],
    postinst: afterUnpacking([
      ...accounts(about),
      ...(hasUnits ? [...units.map(enabling), starting(units)] : []),
    ]),
    prerm: hasUnits ? [stopping([...units, ...alsoStopped])] : [],
    postrm: [
      ...(hasUnits ? [reloading()] : []),
      ...(purged === undefined ? [] : [purging(units, purged)]),
    ],
  };
  return Object.entries(scripts)
    .filter(([, parts]) => parts.length > 0)
    .map(([name, parts]) => ({ name, text: ['#!/bin/sh', 'set -e', '', ...parts].join('\n') }));
}

/** Databases go forward only; also where an older package was removed and left its state. */
function refusal({ name }, version) {
  return `case "$1" in
install | upgrade)
  if [ -n "$2" ] && dpkg --compare-versions "$2" gt '${version}'; then
    echo "${name} ${version} is older than $2, which was here: what that one wrote can't be read by it. Install $2 or newer, or purge ${name} first." >&2
    exit 1
  fi
  ;;
esac
`;
}

function afterUnpacking(parts) {
  if (parts.length === 0) return [];
  const asked = `case "$1" in
configure | abort-upgrade | abort-remove | abort-deconfigure) ;;
*) exit 0 ;;
esac
`;
  return [asked, ...parts];
}

function accounts({ name, sysusers, tmpfiles }) {
  const root = '${DPKG_ROOT:+--root="$DPKG_ROOT"}';
  return [
    ...(sysusers === undefined ? [] : [`systemd-sysusers ${root} ${name}.conf\n`]),
    ...(tmpfiles === undefined ? [] : [`systemd-tmpfiles ${root} --create ${name}.conf\n`]),
  ];
}

function enabling(unit) {
  return `deb-systemd-helper unmask ${unit} >/dev/null || true
if deb-systemd-helper --quiet was-enabled ${unit}; then
  deb-systemd-helper enable ${unit} >/dev/null || true
else
  deb-systemd-helper update-state ${unit} >/dev/null || true
fi
`;
}

/** At the first installation all; after an upgrade what ran, so that what was stopped by hand stays so. */
function starting(units) {
  const first = `    deb-systemd-invoke start ${units.join(' ')} >/dev/null || true`;
  const later = units.map(
    (unit) =>
      `    ! systemctl --quiet is-active ${unit} || deb-systemd-invoke restart ${unit} >/dev/null || true`,
  );
  return [
    'if [ -d /run/systemd/system ] && [ -z "$DPKG_ROOT" ]; then',
    '  systemctl --system daemon-reload >/dev/null || true',
    '  if [ -z "$2" ]; then',
    first,
    '  else',
    ...later,
    '  fi',
    'fi',
    '',
  ].join('\n');
}

/** One that had failed, or was stopped in its midst, would be listed by systemctl --failed after it is gone. */
function stopping(units) {
  return `if [ "$1" = remove ] && [ -d /run/systemd/system ] && [ -z "$DPKG_ROOT" ]; then
  deb-systemd-invoke stop ${units.join(' ')} >/dev/null || true
  systemctl reset-failed ${units.join(' ')} 2>/dev/null || true
fi
`;
}

function reloading() {
  return `if [ "$1" = remove ] && [ -d /run/systemd/system ] && [ -z "$DPKG_ROOT" ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
`;
}

function purging(units, { trees, files, directories }) {
  const at = (paths) => paths.map((path) => `"$DPKG_ROOT${path}"`).join(' ');
  const helper =
    units.length === 0
      ? []
      : [
          '  if command -v deb-systemd-helper >/dev/null; then',
          `    deb-systemd-helper purge ${units.join(' ')} >/dev/null || true`,
          `    deb-systemd-helper unmask ${units.join(' ')} >/dev/null || true`,
          '  fi',
        ];
  return [
    'if [ "$1" = purge ]; then',
    ...helper,
    `  rm -rf ${at(trees)}`,
    ...(files.length === 0 ? [] : [`  rm -f ${at(files)}`]),
    // Other packages of Sixhub, and other people, may have something there.
    `  rmdir --ignore-fail-on-non-empty ${at(directories)} 2>/dev/null || true`,
    'fi',
    '',
  ].join('\n');
}
