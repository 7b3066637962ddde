import { usageError } from '@sixhub/base';
import { pushForms } from '../domain/push-target.js';
import type { ListedFile } from '../push/receiver-files.js';

/** `FORM=PATH[:MODE[:OWNER[:GROUP]]]`; a file with the key in it is its owner's alone, unless said. */
export function parseListedFile(text: string): ListedFile {
  const [, word, path = '', digits, owner] =
    /^([a-z-]+)=(\/[^:\s]*[^:\s/])(?::([0-7]{3,4})(?::([A-Za-z0-9_.-]+(?::[A-Za-z0-9_.-]+)?))?)?$/.exec(
      text,
    ) ?? [];
  const form = pushForms.find((one) => one === word);
  if (form === undefined) {
    throw usageError(
      `'${text}' is no file for a certificate`,
      `It is written FORM=PATH[:MODE[:OWNER]], as privkey=/etc/ssl/nas.key:640:root:www; forms are ${pushForms.join(', ')}. A path with a colon in it is written into the list on the host; one with a space can't be had.`,
    );
  }
  const mode = digits === undefined ? usualMode(form) : Number.parseInt(digits, 8);
  return { form, path, mode, owner };
}

function usualMode(form: ListedFile['form']): number {
  return form === 'fullchain' || form === 'cert' || form === 'chain' ? 0o644 : 0o600;
}
