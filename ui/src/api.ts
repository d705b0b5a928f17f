import type { Declaration } from './views/view';
import type { Param } from './lab/params';

export interface Section { id: string; title: string; stars: number; about: string; ready: boolean }
export interface LabEntry { id: string; title: string; question: string }
export interface Guide { sections: Section[]; labs: LabEntry[]; version: string }

export interface LabDeclaration {
  id: string;
  title: string;
  question: string;
  about_html?: string;
  params: Param[];
  views: Declaration[];
  transport?: Transport;
}
export interface Transport {
  play?: boolean;
  step?: boolean;
  reset?: boolean;
  scrub?: boolean;
  speeds?: number[];
  [other: string]: unknown;
}

export interface ExerciseEntry { id: string; name: string; title: string; stars: number; passed: boolean }
export interface Exercise {
  id: string;
  title: string;
  stars: number;
  statement_html: string;
  skeleton: string;
  code: string;
  file: string;
  passed: boolean;
  hints_shown: string[];
}
export interface Verdict {
  passed: boolean;
  diagnosis?: string | null;
  evidence?: string | null;
  problem?: string | null;
  seconds?: number;
  seed?: number;
  hints_available?: number;
  printed?: string | null;
  notice?: string | null;
}

export interface Recipe { name: string; about: string; [other: string]: unknown }
export interface RunEntry {
  name: string;
  recipe: string;
  state: string;
  started: string | number;
  epochs: unknown;
  metrics: Record<string, number>;
  seconds: number | null;
}
export interface RunEvent { event: string; [field: string]: unknown }
export interface Run extends RunEntry {
  settings: Record<string, unknown>;
  events: RunEvent[];
  expect: unknown;
  pictures: (string | { name: string; file: string })[];
  answers: { symbol: string; origin: string; calls: number | null }[];
}

/** What went wrong, in the parts that the server gives. */
export class Problem extends Error {
  constructor(
    readonly problem: string,
    readonly given = '',
    readonly needed = '',
    readonly fix = '',
    readonly status = 0,
  ) {
    super(problem);
  }
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: 'same-origin', headers: { accept: 'application/json' }, ...init });
  } catch {
    throw new Problem('the studio does not answer', '', '', 'Is `descend` still running in its terminal? Start it again and reload this page.');
  }
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok) return body as T;
  const { problem, given, needed, fix } = (body ?? {}) as Partial<Record<'problem' | 'given' | 'needed' | 'fix', string | null>>;
  throw new Problem(problem ?? `the studio answered ${answer.status}`, given ?? '', needed ?? '', fix ?? reload(answer.status), answer.status);
}

const reload = (status: number) =>
  status === 401 || status === 403 ? 'Open the address that `descend` prints in the terminal: this page has lost its key.' : '';

const post = <T>(path: string, body: unknown = {}) =>
  ask<T>(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', accept: 'application/json' } });

const word = encodeURIComponent;

export const api = {
  guide: () => ask<Guide>('/api/guide'),
  lab: (id: string) => ask<LabDeclaration>(`/api/labs/${word(id)}`),
  exercises: () => ask<ExerciseEntry[]>('/api/exercises'),
  exercise: (id: string) => ask<Exercise>(`/api/exercises/${word(id)}`),
  check: (id: string, code: string) => post<Verdict>(`/api/exercises/${word(id)}/check`, { code }),
  hint: (id: string) => post<{ hint: string | null; left: number }>(`/api/exercises/${word(id)}/hint`),
  reset: (id: string) => post<{ code: string }>(`/api/exercises/${word(id)}/reset`),
  recipes: () => ask<Recipe[]>('/api/recipes'),
  runs: () => ask<RunEntry[]>('/api/runs'),
  run: (name: string) => ask<Run>(`/api/runs/${word(name)}`),
  start: (recipe: string, settings: Record<string, unknown>, withAnswers: boolean) =>
    post<{ name: string }>('/api/runs', { recipe, settings, with_answers: withAnswers }),
  stop: (name: string) => post<unknown>(`/api/runs/${word(name)}/stop`),
  resume: (name: string) => post<unknown>(`/api/runs/${word(name)}/resume`),
  picture: (name: string, file: string) => `/api/runs/${word(name)}/pictures/${word(file)}`,
};

export function socketAddress(path: string): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}${path}`;
}
