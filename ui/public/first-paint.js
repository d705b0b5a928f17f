// Runs before the first paint, so that a page never flashes in the other theme.
try {
  var theme = localStorage.getItem('descend.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's preference holds.
}
