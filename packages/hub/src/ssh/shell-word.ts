/**
 * sshd gives a command to the user's login shell as one text: each word of ours is quoted here, and nowhere else. Within
 * single quotes sh, bash, dash, zsh and fish take every character as it is, but for fish, which knows `\\` there: no word
 * of ours has a backslash.
 */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  if (/^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:=@%+,-]*$/.test(word)) return word;
  if (/[\0\\\r]/.test(word)) throw new TypeError('a word that no shell takes as it is');
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}
