import type { Starts } from '../domain/remembered.js';
import type { Service } from '../domain/service.js';
import type { RunParts } from './parts.js';

/** Which start of each service runs now; those of which nobody tells are not in it. */
export async function startsOf(
  { control }: Pick<RunParts, 'control'>,
  services: readonly Service[],
): Promise<Starts> {
  const starts = await Promise.all(
    services.map(async (service) => ({
      name: service.name,
      start: await control.startOf(service),
    })),
  );
  return Object.fromEntries(
    starts.flatMap(({ name, start }) => (start === undefined ? [] : [[name, start]])),
  );
}
