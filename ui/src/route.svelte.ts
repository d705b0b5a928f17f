/** Which page the address asks for. Links stay ordinary links; the browser's Back and Forward work. */

export type Route =
  | { page: 'home' }
  | { page: 'lab'; id: string }
  | { page: 'recording'; name: string }
  | { page: 'exercise'; id: string }
  | { page: 'section'; id: string }
  | { page: 'place' }
  | { page: 'runs'; name: string | null }
  | { page: 'shows' }
  | { page: 'show'; id: string }
  | { page: 'missing'; path: string };

export function read(path: string): Route {
  const [first = '', second = '', ...rest] = path.split('/').filter(Boolean).map(plain);
  if (rest.length) return { page: 'missing', path };
  if (!first) return { page: 'home' };
  if (first === 'labs' && second) return { page: 'lab', id: second };
  if (first === 'recordings' && second) return { page: 'recording', name: second };
  if (first === 'sections' && second) return { page: 'section', id: second };
  if (first === 'find-your-place' && !second) return { page: 'place' };
  if (first === 'exercises' && second) return { page: 'exercise', id: second };
  if (first === 'show') return second ? { page: 'show', id: second } : { page: 'shows' };
  if (first === 'runs') return { page: 'runs', name: second || null };
  return { page: 'missing', path };
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const route = $state<{ now: Route }>({ now: read(location.pathname) });

export function go(path: string): void {
  history.pushState(null, '', path);
  arrive();
}

function arrive(): void {
  route.now = read(location.pathname);
  window.scrollTo(0, 0);
}

/** Puts the parameters of a page into its address without a new entry in the history. */
export function remember(query: URLSearchParams): void {
  const text = query.toString();
  history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''));
}

export function follow(): () => void {
  const click = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin || link.pathname.startsWith('/api/')) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.pathname + link.search);
  };
  document.addEventListener('click', click);
  window.addEventListener('popstate', arrive);
  return () => {
    document.removeEventListener('click', click);
    window.removeEventListener('popstate', arrive);
  };
}
