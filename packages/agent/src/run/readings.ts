import { errorText } from '@sixhub/base';
import type { Service } from '../domain/service.js';
import type { Bound, Reading } from '../domain/use.js';
import type { RunParts } from './parts.js';

/** What the services' own configurations say, of those of which agent.toml does not say it. */
export type Readings = ReadonlyMap<Service, Bound>;

export async function readEach(
  parts: Pick<RunParts, 'read' | 'tree'>,
  services: readonly Service[],
): Promise<Readings> {
  const silent = services.filter(({ connect }) => connect === undefined);
  return new Map(
    await Promise.all(
      silent.map(
        async (service) => [service, await bind(parts, await readOne(parts, service))] as const,
      ),
    ),
  );
}

/** What goes wrong with one service's configuration is that service's matter. */
async function readOne({ read }: Pick<RunParts, 'read'>, service: Service): Promise<Reading> {
  try {
    return await read(service);
  } catch (error) {
    return { kind: 'unread', why: errorText(error) };
  }
}

async function bind({ tree }: Pick<RunParts, 'tree'>, reading: Reading): Promise<Bound> {
  if (reading.kind === 'unread') return reading;
  const uses = reading.uses.map(async (use) => ({ ...use, of: await tree.whose(use.certificate) }));
  return { ...reading, uses: await Promise.all(uses) };
}
