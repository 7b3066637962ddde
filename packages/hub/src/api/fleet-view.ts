import { certificateName } from '@sixhub/protocol';
import { z } from 'zod';
import type { FleetAgent, FleetFilter } from '../domain/fleet.js';
import { viewAgent, type AgentView } from './agent-view.js';

const yesNo = z.enum(['true', 'false']).optional();
const program = z
  .string()
  .regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}(?:[-~][0-9A-Za-z.]{1,20})?$/, 'is not a version like 0.1.0')
  .optional();

/** Which agents: each that is given narrows the list. */
export const fleetQuery = {
  status: z.enum(['invited', 'active']).optional(),
  silent: yesNo.describe('enrolled, and not heard of for too long'),
  behind: yesNo.describe(
    'enrolled, not silent, and a certificate is of another version than it should be, or a service does not serve it',
  ),
  needs_person: yesNo.describe('a person is needed on its machine'),
  certificate: certificateName.optional().describe('that may have this one'),
  version: program.describe('whose program is of this version'),
  older_than: program.describe(
    'whose program is of a version before this; those that do not tell theirs are',
  ),
  name: z
    .string()
    .regex(/^[a-z0-9.*?-]{1,64}$/, 'is not a pattern: letters, digits, dots, dashes, `*` and `?`')
    .optional()
    .describe('with `*` for whatever there is, and `?` for one character'),
};

export const fleetView = z
  .object({
    agents: z.number().int(),
    /** Each agent is one of these four. */
    well: z.number().int(),
    behind: z.number().int(),
    silent: z.number().int(),
    invited: z.number().int(),
    /** Of all of them, those on whose machine a person is needed. */
    needsPerson: z.number().int(),
    /** Of enrolled agents' programs, the newest first; null: not told. */
    versions: z.array(z.object({ version: z.string().nullable(), agents: z.number().int() })),
  })
  .meta({ id: 'Fleet' });
export type FleetView = z.infer<typeof fleetView>;

const query = z.object(fleetQuery);

export function fleetFilter(asked: z.infer<typeof query>): FleetFilter {
  const { status, certificate, version, name } = asked;
  const said = (word: 'true' | 'false' | undefined): boolean | undefined =>
    word === undefined ? undefined : word === 'true';
  return {
    ...{ status, certificate, version, name },
    silent: said(asked.silent),
    behind: said(asked.behind),
    needsPerson: said(asked.needs_person),
    olderThan: asked.older_than,
  };
}

export function viewFleetAgent(agent: FleetAgent, now: Date): AgentView {
  const { behind, needsPerson } = agent;
  return { ...viewAgent(agent, now), behind, needsPerson };
}
