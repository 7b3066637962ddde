import { z } from 'zod';
import type { Api, PeopleServices } from './services.js';

const rotated = z.object({
  /** How many secrets were sealed anew. */
  resealed: z.number(),
  masterKey: z.string(),
  /** Where the new key is while it can't be put in the old one's place; null once it has been. */
  nextKey: z.string().nullable(),
});
export type RotatedView = z.infer<typeof rotated>;

export function masterKeyRoutes(api: Api, { store, masterKey, log }: PeopleServices): void {
  api.post(
    '/v1/master-key/rotate',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Change the master key: everything is sealed anew',
        response: { 200: rotated },
      },
    },
    async ({ actor }) => {
      log.info({}, 'the master key is being changed');
      const { resealed, placed } = await masterKey.rotate(store.seals);
      const { masterKey: path, nextMasterKey } = masterKey.paths;
      await store.audit.append({ actor, action: 'master-key.rotate', object: path });
      return { resealed, masterKey: path, nextKey: placed ? null : nextMasterKey };
    },
  );
}
