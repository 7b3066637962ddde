import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';

/** Makes and checks passwords; they are 240 random bits, so one fast keyed hash is all the slowness they need. */
export class Secrets {
  private readonly key: Uint8Array;

  /** `key` stays with the database; without it a stolen table says nothing. */
  constructor(key: Uint8Array) {
    this.key = key;
  }

  newName(): string {
    return randomUUID();
  }

  /** 40 of [A-Za-z0-9_-], as the Go program makes them. */
  newPassword(): string {
    return randomBytes(30).toString('base64url');
  }

  hash(password: string): string {
    return createHmac('sha256', this.key).update(password).digest('base64url');
  }

  matches(password: string, secret: string): boolean {
    const given = Buffer.from(this.hash(password));
    const kept = Buffer.from(secret);
    return given.length === kept.length && timingSafeEqual(given, kept);
  }
}
