import type { IpAddress } from '../ip-address.js';
import type { LaidRoute } from '../layout.js';

/** One change of what the kernel does, with the command that would make it by hand. */
export interface KernelChange {
  readonly kind: 'link' | 'address' | 'route' | 'proxy' | 'sysctl' | 'rules';
  readonly action: 'add' | 'remove' | 'set';
  readonly subject: string;
  readonly why: string;
  readonly command: string;
  readonly device?: string;
  /** The address that comes or goes. */
  readonly address?: IpAddress;
  readonly route?: LaidRoute;
}
