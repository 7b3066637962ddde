import { dirname, normalize } from 'node:path/posix';
import { certificateName } from '@sixhub/protocol';
import * as z from 'zod';
import { formNames, holdsKey, isLocked, type FormName } from '../domain/form.js';
import type { Copy, Keeping, Rights } from '../domain/keeping.js';
import { stagedEnding } from '../domain/staged-path.js';
import { findAccount, type Accounts } from './accounts.js';

/** [[certificate]] in agent.toml: how a certificate's files are kept on this machine, and their copies elsewhere. */

const path = z
  .string()
  .regex(/^\/./, 'must be a whole path, from / on')
  .refine(
    (text) => normalize(text) === text && !text.endsWith('/'),
    "must name one file, without '..', '.' or doubled slashes",
  );
const copyPath = path.refine(
  (text) => !text.endsWith(stagedEnding),
  `ends in ${stagedEnding}, which hub-agent needs for itself`,
);
const mode = z.string('must be a text, like "0640"').transform((text, context) => {
  if (/^0?[0246]{3}$/.test(text)) return Number.parseInt(text, 8);
  context.addIssue({
    code: 'custom',
    message: `'${text}' is no mode of a file that is read; write it like "0640"`,
  });
  return z.NEVER;
});

const rights = {
  owner: z.string().optional(),
  group: z.string().optional(),
  mode: mode.optional(),
};

export const certificateTable = z.strictObject({
  name: certificateName,
  ...rights,
  copy: z
    .array(
      z.strictObject({
        path: copyPath,
        form: z.enum(formNames, { error: `is no form; known: ${formNames.join(', ')}` }),
        ...rights,
        password_file: path.optional(),
        alias: z
          .string()
          .regex(
            /^[!-,.-~][ -~]{0,126}$/,
            'must be of plain letters, digits and signs, no dash first',
          )
          .optional(),
      }),
    )
    .default([]),
});

export type CertificateTable = z.infer<typeof certificateTable>;
type RightsTable = Pick<CertificateTable, 'owner' | 'group' | 'mode'>;

export interface TableFault {
  /** Below `certificate`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What no value says by itself. `own` are the directories that hub-agent keeps. */
export function* tableFaults(
  tables: readonly CertificateTable[],
  own: readonly string[],
  accounts: Accounts,
): Generator<TableFault> {
  const names = new Set<string>();
  const paths = new Set<string>();
  const passwords = tables.flatMap(({ copy }) => copy.map((each) => each.password_file));
  for (const [index, table] of tables.entries()) {
    if (names.has(table.name)) {
      yield {
        path: [index, 'name'],
        message: `there are two tables for '${table.name}'; make them one, with several [[certificate.copy]]`,
      };
    }
    names.add(table.name);
    if (opensKey(table)) yield { path: [index, 'mode'], message: keyIsOpen };
    yield* accountFaults(table, accounts, (key) => [index, key]);
    for (const [place, copy] of table.copy.entries()) {
      const at: At = (key) => [index, 'copy', place, key];
      if (paths.has(copy.path)) {
        yield {
          path: at('path'),
          message: `there are two copies with the path ${copy.path}; each needs a place of its own`,
        };
      }
      paths.add(copy.path);
      const keeper = own.find((directory) => copy.path.startsWith(`${directory}/`));
      if (keeper !== undefined) {
        yield {
          path: at('path'),
          message: `${copy.path} lies in ${keeper}, which hub-agent keeps by itself; choose a place outside`,
        };
      }
      if (passwords.includes(copy.path)) {
        yield { path: at('path'), message: `${copy.path} is the file of a password` };
      }
      if (holdsKey(copy.form) && opensKey(copy)) yield { path: at('mode'), message: keyIsOpen };
      yield* accountFaults(copy, accounts, at);
      yield* lockFaults(copy, at);
    }
  }
}

type At = (key: string) => TableFault['path'];

function* accountFaults(
  { owner, group }: RightsTable,
  { users, groups }: Accounts,
  at: At,
): Generator<TableFault> {
  const remedy = 'on this machine; install the package that makes it, or correct the name';
  if (owner !== undefined && findAccount(users, owner) === undefined) {
    yield { path: at('owner'), message: `there is no user '${owner}' ${remedy}` };
  }
  if (group !== undefined && findAccount(groups, group) === undefined) {
    yield { path: at('group'), message: `there is no group '${group}' ${remedy}` };
  }
}

type CopyTable = CertificateTable['copy'][number];

function* lockFaults(
  { form, password_file: passwordFile, alias }: CopyTable,
  at: At,
): Generator<TableFault> {
  const locked = formNames.filter(isLocked).join(', ');
  if (isLocked(form)) {
    if (passwordFile === undefined) {
      yield {
        path: at('form'),
        message: `${form} needs 'password_file', a file of mode 0600 whose first line is the password`,
      };
    }
    return;
  }
  for (const [key, value] of Object.entries({ password_file: passwordFile, alias })) {
    if (value === undefined) continue;
    yield { path: at(key), message: `goes with ${locked} only, not with ${form}` };
  }
}

const keyIsOpen =
  'would open the private key to everyone on this machine; let it end in 0, and name a group that may read it';

function opensKey({ mode: bits = 0 }: RightsTable): boolean {
  return (bits & 0o007) !== 0;
}

/** The directories in which nobody but the agent may have files. */
export function ownDirectories(live: string, state: string): readonly string[] {
  return [live, normalize(`${dirname(live)}/sixhub`), state];
}

export function asKeeping({ name, copy, ...own }: CertificateTable, accounts: Accounts): Keeping {
  const asked = Object.values(own).some((value) => value !== undefined);
  return {
    certificate: name,
    rights: asked ? rightsOf(own, accounts, 'privkey') : undefined,
    copies: copy.map(
      ({ path: where, form, password_file: passwordFile, alias = name, ...owned }): Copy => ({
        path: where,
        form,
        rights: rightsOf(owned, accounts, form),
        passwordFile,
        alias,
      }),
    ),
  };
}

/** Who names a group for a key wants it to read the key; what holds no key is no secret. */
function rightsOf(
  { owner, group, mode: bits }: RightsTable,
  { self, users, groups }: Accounts,
  form: FormName,
): Rights {
  const closed = group === undefined ? 0o600 : 0o640;
  return {
    owner: owner ?? `user ${self.uid}`,
    uid: findAccount(users, owner) ?? self.uid,
    group: group ?? `group ${self.gid}`,
    gid: findAccount(groups, group) ?? self.gid,
    mode: bits ?? (holdsKey(form) ? closed : 0o644),
  };
}
