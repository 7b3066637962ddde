import type { Clock } from '@sixhub/base';
import type { NotifyConfig } from '../config/notify-config.js';
import type { Channel } from './channel.js';
import { commandChannel } from './command-channel.js';
import { mailChannel } from './mail.js';
import { ntfyChannel } from './ntfy.js';
import { webhookChannel } from './webhook.js';

/** The channels of hub.toml. */
export function createChannels(config: NotifyConfig, clock: Clock): readonly Channel[] {
  return [
    ...config.mail.map(mailChannel),
    ...config.webhook.map((each) => webhookChannel(each, () => clock.now())),
    ...config.ntfy.map(ntfyChannel),
    ...config.command.map(commandChannel),
  ];
}
