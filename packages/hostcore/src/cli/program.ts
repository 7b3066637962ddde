import type { Program } from '@sixhub/base';

/** No command yet: the physical host is described, checked and applied by later versions. */
export const hostcore: Program = {
  name: 'hostcore',
  version: '0.1.0',
  summary:
    'the physical host (bridge, NAT64, DNS64, router advertisements) from one file; not there yet',
  commands: [],
};
