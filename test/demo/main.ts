/**
 * `npm run demo`: the whole way once, on this machine alone. Real programs on loopback addresses; nothing outside the
 * lab's own directory is read or written, and nothing is left when it ends, however it ends. A demonstration that takes
 * longer than its time has failed at being one.
 */
import { demonstrate } from './demonstrate.js';
import { tellHubStory } from './hub/story.js';

process.exitCode = await demonstrate(tellHubStory, 60_000);
