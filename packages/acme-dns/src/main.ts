import { runProcess } from '@sixhub/base';
import { program } from './cli/program.js';

await runProcess(program);
