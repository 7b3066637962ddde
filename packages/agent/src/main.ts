import { setDefaultAutoSelectFamily } from 'node:net';
import { runProcess } from '@sixhub/base';
import { hubAgent } from './cli/program.js';

// Node 18 would try a name's first address only; a hub has IPv6 and IPv4 (RFC 8305).
setDefaultAutoSelectFamily(true);
await runProcess(hubAgent);
