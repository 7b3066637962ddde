import { runProcess } from '@sixhub/base';
import { hub } from './cli/program.js';

await runProcess(hub);
