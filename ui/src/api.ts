import type { Declaration } from './views/view';
import type { Param, Values } from './lab/params';

export interface Section { id: string; title: string; stars: number; about: string; ready: boolean }
export interface LabEntry { id: string; title: string; question: string }
export interface Guide { sections: Section[]; routes: GuideRoute[]; labs: LabEntry[]; version: string }
/** A course as a way through the sections. */
export interface GuideRoute {
  id: string; title: string; by: string; year: number; kind: string; stars: number; url: string; about: string;
  chapters: { title: string; section: string }[];
}
export interface SectionPage extends Section {
  number: number;
  text_html: string;
  labs: string[];
  exercises: string[];
  recipes: { name: string; about: string }[];
  to_come: string[];
  chapters: { course: string; by: string; url: string; titles: string[] }[];
}
/** A prediction to make; what is right is told once it is made. */
export interface PlaceQuestion {
  id: string; ask_html: string; options_html: string[]; chosen: number | null;
  right?: number; why_html?: string; section?: string;
}

export interface LabDeclaration {
  id: string;
  title: string;
  question: string;
  about_html?: string;
  params: Param[];
  views: Declaration[];
  predictions: Prediction[];
  transport?: Transport;
  /** Where its socket is: labs, unless another is named. */
  place?: string;
  /** There where it is a recording of a lab. */
  recording?: Recording & { labels: Record<string, string>; changed: Values };
}
export interface Recording {
  name: string;
  /** What is wrong with its file; of a damaged one nothing else is known. */
  problem: string | null;
  lab: string;
  title: string;
  created: number;
  params: Values;
  steps: number;
  frames: number;
}
/** A network of the reader's own program, in the list. */
export interface ShowEntry { id: string; name: string; status: string; step: number; framework: string; title: string; parameters: number; program: string; process: number }
export interface ShownLayer { name: string; kind: string; shape: number[]; called: boolean; parameters: number }
/** The same with all that its page is told before the first frame. */
export interface ShowDeclaration extends LabDeclaration {
  about: { framework: string; title: string; parameters: number; program: string; process: number; examples: number; of: number };
  layers: ShownLayer[];
  task: string;
  truth: string[];
  numbers: number[];
}
/** What the reader is asked to foretell; the lab draws it beside what happens. */
export interface Prediction { what: string; ask: string; example: string; unit: string }
export interface Transport {
  play?: boolean;
  step?: boolean;
  reset?: boolean;
  scrub?: boolean;
  /** Whether the page sets it going and lets it rest; a program of the reader's own goes by itself. */
  drives?: boolean;
  /** Whether its whole course is there already, as in a recording. */
  settled?: boolean;
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

export type Setting = string | number | boolean;
export interface Recipe { name: string; about: string; settings: Record<string, Setting> }
export interface RunEntry {
  name: string;
  recipe: string;
  state: string;
  started: string | number;
  epochs: unknown;
  metrics: Record<string, number>;
  /** The metric by which it is known, here as in the terminal. */
  headline: string | null;
  /** Why it failed, or cannot be read. */
  problem: string | null;
  seconds: number | null;
}
export interface RunEvent { event: string; [field: string]: unknown }
export interface Run extends RunEntry {
  settings: Record<string, unknown>;
  seed: number;
  failure: { problem: string; given: string; needed: string; fix: string; next: string } | null;
  resumable: boolean;
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
    throw new Problem('the studio does not answer', '', '', 'Is `descend studio` still running in its terminal? Start it again and open the link that it prints.');
  }
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok) return body as T;
  const { problem, given, needed, fix } = (body ?? {}) as Partial<Record<'problem' | 'given' | 'needed' | 'fix', string | null>>;
  throw new Problem(problem ?? `the studio answered ${answer.status}`, given ?? '', needed ?? '', fix ?? reload(answer.status), answer.status);
}

const reload = (status: number) =>
  status === 401 || status === 403 ? 'Press Enter in the terminal where `descend studio` runs, and open the link that it prints: this page has lost its key.' : '';

const post = <T>(path: string, body: unknown = {}) =>
  ask<T>(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', accept: 'application/json' } });

const word = encodeURIComponent;

export const api = {
  guide: () => ask<Guide>('/api/guide'),
  section: (id: string) => ask<SectionPage>(`/api/sections/${word(id)}`),
  place: () => ask<{ questions: PlaceQuestion[]; place: string | null }>('/api/place'),
  predictPlace: (id: string, option: number) => post<{ question: PlaceQuestion; place: string | null }>(`/api/place/${word(id)}`, { option }),
  forgetPlace: () => post<{ questions: PlaceQuestion[]; place: string | null }>('/api/place/forget'),
  lab: (id: string) => ask<LabDeclaration>(`/api/labs/${word(id)}`),
  shows: () => ask<ShowEntry[]>('/api/shows'),
  show: (id: string) => ask<ShowDeclaration>(`/api/shows/${word(id)}`),
  recordings: () => ask<Recording[]>('/api/recordings'),
  recording: (name: string) => ask<LabDeclaration>(`/api/recordings/${word(name)}`),
  deleteRecording: (name: string) => post<unknown>(`/api/recordings/${word(name)}/delete`),
  exercises: () => ask<ExerciseEntry[]>('/api/exercises'),
  exercise: (id: string) => ask<Exercise>(`/api/exercises/${word(id)}`),
  check: (id: string, code: string) => post<Verdict>(`/api/exercises/${word(id)}/check`, { code }),
  hint: (id: string) => post<{ hint: string | null; left: number }>(`/api/exercises/${word(id)}/hint`),
  reset: (id: string) => post<{ code: string }>(`/api/exercises/${word(id)}/reset`),
  recipes: () => ask<Recipe[]>('/api/recipes'),
  runs: () => ask<RunEntry[]>('/api/runs'),
  run: (name: string) => ask<Run>(`/api/runs/${word(name)}`),
  start: (recipe: string, settings: Record<string, Setting>, withAnswers: boolean) =>
    post<{ name: string }>('/api/runs', { recipe, settings, with_answers: withAnswers }),
  stop: (name: string) => post<unknown>(`/api/runs/${word(name)}/stop`),
  resume: (name: string) => post<unknown>(`/api/runs/${word(name)}/resume`),
  picture: (name: string, file: string) => `/api/runs/${word(name)}/pictures/${word(file)}`,
};

export function socketAddress(path: string): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}${path}`;
}
