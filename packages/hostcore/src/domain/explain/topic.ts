/** Something of this host that one can ask about: the words that mean it, and what there is to say. */
export interface Topic {
  readonly title: string;
  /** Any of them, as a word of the question or as all of it: addresses, devices, files, keywords. */
  readonly words: readonly string[];
  readonly text: readonly string[];
  /** Below the host's table of host.toml: what decides it. */
  readonly path?: readonly PropertyKey[];
}

/** The topics that a question means, best first: each of its words counts once, rarer ones more. */
export function find(topics: readonly Topic[], question: string): readonly Topic[] {
  const asked = [...new Set(wordsOf(question))];
  const frequency = (word: string): number =>
    topics.filter(({ words }) => words.includes(word)).length;
  const scored = topics.map((topic) => ({
    topic,
    score: asked
      .filter((word) => topic.words.includes(word))
      .reduce((sum, word) => sum + 1 / frequency(word), 0),
  }));
  const best = Math.max(0, ...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => score > 0 && score >= best * 0.7)
    .sort((one, other) => other.score - one.score)
    .map(({ topic }) => topic);
}

/** Articles and the like mean nothing; `/128` and `64:ff9b::/96` are words. */
export function wordsOf(question: string): readonly string[] {
  return question
    .toLowerCase()
    .replaceAll(/["'`?!,;()]/g, ' ')
    .split(/\s+/)
    .map((word) => word.replace(/\.$/, ''))
    .filter((word) => word !== '' && !empty.has(word));
}

const empty = new Set([
  ...[
    'why',
    'what',
    'is',
    'there',
    'a',
    'an',
    'the',
    'on',
    'in',
    'of',
    'are',
    'does',
    'do',
    'for',
    'to',
  ],
  ...[
    'how',
    'who',
    'where',
    'which',
    'has',
    'have',
    'it',
    'this',
    'that',
    'and',
    'my',
    'with',
    'mean',
    'needed',
  ],
]);
