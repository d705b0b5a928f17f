export interface Command { name: string; about: string; run: () => void }

/** The commands whose words begin with, or hold, every word typed; best first. */
export function matches(all: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = all.map((command) => ({ command, score: words.reduce((sum, w) => sum + score(command, w), 0) }));
  return scored.filter((s) => Number.isFinite(s.score)).sort((a, b) => b.score - a.score).map((s) => s.command);
}

function score({ name, about }: Command, word: string): number {
  const text = name.toLowerCase();
  if (text.startsWith(word)) return 3;
  if (text.includes(word)) return 2;
  return about.toLowerCase().includes(word) ? 1 : -Infinity;
}
