import * as z from 'zod';
import { dropIns, enabledUnits, places, unitNames } from './agent-files.js';

/** What is on a machine before anything is done there. */
export interface Found {
  /** As the distribution calls itself. */
  readonly system: string;
  /** `18.20.4`; undefined where systemd's PATH has no node. */
  readonly node: string | undefined;
  readonly hasApt: boolean;
  readonly runsSystemd: boolean;
  /** By path, of those that were asked for; one that is not there is not in it. */
  readonly files: ReadonlyMap<string, FoundFile>;
  /** The Debian package that the launcher belongs to. */
  readonly packagedBy: string | undefined;
  /** By name: those of ours that are enabled and run. */
  readonly units: ReadonlyMap<string, { readonly isEnabled: boolean; readonly isActive: boolean }>;
  readonly identity: FoundIdentity | undefined;
  /** Those that the hub gives it, as of its last run, and whether it has their newest version. */
  readonly certificates: readonly { readonly current: boolean }[];
  /** Services use certificates of ours that agent.toml does not name, or the units may not write where it has copies. */
  readonly wantsDetection: boolean;
}

export interface FoundFile {
  /** Octal, as in `stat`; undefined for what is no plain file. */
  readonly mode: number | undefined;
  readonly sha256: string | undefined;
}

/** What an agent of another version prints may be anything. */
const identity = z.object({
  ...{ agent: z.string(), hubs: z.array(z.string()), validUntil: z.string() },
  /** SHA-256 of the CAs by which it knows its hub; an agent of before does not tell. */
  authorities: z.array(z.string()).optional(),
});
const status = z.object({
  identity: identity.nullable().catch(null),
  certificates: z.array(z.object({ current: z.boolean() })).catch([]),
});
const detected = z.object({
  agentToml: z.string(),
  units: z.object({ current: z.boolean() }).nullish(),
});
export type FoundIdentity = Readonly<z.infer<typeof identity>>;

/**
 * Looks, and changes nothing: one line a fact. PATH is what systemd gives to a unit, so that a node that only a login
 * shell knows is not taken for one that the agent will find. Its arguments are the paths to look at.
 */
export const survey = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
has() { command -v "$1" > /dev/null 2>&1; }
system=$(. /etc/os-release 2> /dev/null && printf %s "$PRETTY_NAME")
printf 'system %s\\n' "$system"
if has node; then printf 'node %s\\n' "$(node --version)"; fi
if has apt-get; then echo apt yes; fi
if [ -d /run/systemd/system ]; then echo systemd yes; fi
for path; do
  if [ -L "$path" ]; then printf 'other %s\\n' "$path"
  elif [ -f "$path" ]; then printf 'file %s %s %s\\n' "$path" "$(stat -c %a "$path")" "$(sha256sum < "$path" | cut -c 1-64)"
  elif [ -e "$path" ]; then printf 'other %s\\n' "$path"
  fi
done
if has dpkg-query; then
  printf 'package %s\\n' "$(dpkg-query -S ${places.launcher} 2> /dev/null | cut -d : -f 1)"
fi
if [ -d /run/systemd/system ]; then
  for unit in ${enabledUnits.join(' ')}; do
    printf 'unit %s %s %s\\n' "$unit" "$(systemctl is-enabled "$unit" 2> /dev/null)" "$(systemctl is-active "$unit" 2> /dev/null)"
  done
fi
if has node && [ -e ${places.launcher} ]; then
  printf 'status %s\\n' "$(${places.launcher} status --json 2> /dev/null)"
  printf 'detected %s\\n' "$(${places.launcher} detect --json 2> /dev/null)"
fi
`;

export const surveyedPaths: readonly string[] = [
  places.directory,
  places.program,
  places.launcher,
  places.state,
  places.configuration,
  ...unitNames.map((name) => `${places.units}/${name}`),
  ...dropIns,
];

export function parseSurvey(text: string): Found {
  const facts = text.split('\n').map((line) => {
    const at = line.indexOf(' ');
    return at === -1 ? ([line, ''] as const) : ([line.slice(0, at), line.slice(at + 1)] as const);
  });
  const all = (key: string): readonly string[] =>
    facts.flatMap(([name, value]) => (name === key ? [value] : []));
  const one = (key: string): string | undefined => all(key)[0] || undefined;
  const agent = status.safeParse(document(one('status'))).data;
  const seen = detected.safeParse(document(one('detected'))).data;
  const files = new Map<string, FoundFile>(
    all('other').map((path) => [path, { mode: undefined, sha256: undefined }]),
  );
  for (const line of all('file')) {
    const [path = '', mode = '', sha256] = line.split(' ');
    files.set(path, { mode: Number.parseInt(mode, 8), sha256 });
  }
  return {
    system: one('system') ?? 'an unknown system',
    node: one('node')?.replace(/^v/, ''),
    hasApt: one('apt') !== undefined,
    runsSystemd: one('systemd') !== undefined,
    files,
    packagedBy: one('package'),
    units: new Map(
      all('unit').map((line) => {
        const [name = '', enabled, active] = line.split(' ');
        return [name, { isEnabled: enabled === 'enabled', isActive: active === 'active' }];
      }),
    ),
    identity: agent?.identity ?? undefined,
    certificates: agent?.certificates ?? [],
    wantsDetection: seen !== undefined && (seen.agentToml !== '' || seen.units?.current === false),
  };
}

function document(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // as where there is no agent
  }
}
