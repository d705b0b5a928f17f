// Runs before the first paint, so that a page never flashes in the other theme. What the reader chose is marked as chosen.
(function (page) {
  var kept;
  try {
    kept = localStorage.getItem('descend.theme');
  } catch {
    // Storage is switched off: the system's preference holds.
  }
  if (kept === 'light' || kept === 'dark') page.chosen = '';
  else kept = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  page.theme = kept;
})(document.documentElement.dataset);
