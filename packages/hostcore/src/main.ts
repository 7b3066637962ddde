import { runProcess } from '@sixhub/base';
import { hostcore } from './cli/program.js';
import { work, workerWord } from './probe/worker.js';

// `hostcore verify` starts itself once more in a network namespace: no command for people.
if (process.argv[2] === workerWord) await work();
else await runProcess(hostcore);
