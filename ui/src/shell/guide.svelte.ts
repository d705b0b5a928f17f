import { api, type ExerciseEntry, type Guide } from '../api';
import { complain } from './toasts.svelte';

/** What every page shows at its side: the labs, the exercises and how far the reader is. */
export const guide = $state<{ map: Guide | null; exercises: ExerciseEntry[] }>({ map: null, exercises: [] });

export async function loadGuide(): Promise<void> {
  try {
    [guide.map, guide.exercises] = await Promise.all([api.guide(), api.exercises()]);
  } catch (error) {
    complain(error);
  }
}

export const nextExercise = (): ExerciseEntry | undefined => guide.exercises.find((e) => !e.passed);

/** The labs to list: Home shows its own. */
export const listedLabs = () => (guide.map?.labs ?? []).filter((lab) => lab.id !== 'home');
