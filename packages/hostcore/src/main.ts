import { runProcess } from '@sixhub/base';
import { hostcore } from './cli/program.js';

await runProcess(hostcore);
