/** Full screen: one picture, or the whole bench where the pointer is on none. */
export function toggleFull(what: Element | null): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void what?.requestFullscreen().catch(() => {}); // a browser that does not allow it leaves the page as it is
}

/** The picture that the pointer or the keyboard is on, else the bench. */
export const pointedAt = (bench: Element | null): Element | null =>
  document.querySelector('figure.view:hover') ?? document.activeElement?.closest('figure.view') ?? bench;
