import { parseConfig, type ConfigSchema } from '@sixhub/base/config';

export const defaultSocket = '/run/sixhub/hub.sock';

/**
 * The one setting of hub.toml that a short command needs. Reading the whole schema would more than double the time
 * that a command takes to start; the hub has checked the file when it started.
 */
export function socketPath(file: string, text: string): string {
  return parseConfig(file, text, socketOnly);
}

const socketOnly: ConfigSchema<string> = {
  safeParse(value) {
    const given =
      typeof value === 'object' && value !== null && 'socket' in value ? value.socket : undefined;
    return { success: true, data: typeof given === 'string' ? given : defaultSocket };
  },
};
