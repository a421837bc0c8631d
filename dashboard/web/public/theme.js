// Before the first paint: the stored choice, else what the system prefers.
{
  let stored = null;
  try {
    stored = localStorage.getItem('millrace.theme');
  } catch {
    // Storage is blocked: the system's preference it is.
  }
  const dark = stored === 'dark' || (stored !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}
