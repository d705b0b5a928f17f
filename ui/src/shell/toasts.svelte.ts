import { Problem } from '../api';

export interface Toast { id: number; kind: 'info' | 'warning' | 'error'; text: string; more: string }

export const toasts = $state<Toast[]>([]);
let count = 0;

export function say(kind: Toast['kind'], text: string, more = ''): void {
  if (toasts.some((t) => t.text === text)) return;
  const id = ++count;
  toasts.push({ id, kind, text, more });
  if (kind !== 'error') setTimeout(() => dismiss(id), 7000);
}

export function dismiss(id: number): void {
  const place = toasts.findIndex((t) => t.id === id);
  if (place >= 0) toasts.splice(place, 1);
}

/** Shows an error; a `Problem` in its parts. */
export function complain(error: unknown): void {
  if (error instanceof Problem) say('error', sentence(error.problem), [error.needed && `Needed: ${error.needed}.`, error.fix].filter(Boolean).join(' '));
  else say('error', error instanceof Error ? error.message : String(error));
}

export const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
