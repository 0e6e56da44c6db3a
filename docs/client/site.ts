/** What every page does: theme, menu, search, octets that light up with their fields. */
import { bindOctets } from './octets.ts';
import { bindPickers } from './picker.ts';
import { bindSearch } from './search.ts';

const THEMES = ['auto', 'light', 'dark'] as const;

bindTheme();
bindMenu();
bindSearch();
bindOctets(document);
bindOpeners();
bindPickers();
bindScrollers();

function bindTheme(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-theme-button]');
  if (button === null) return;
  const root = document.documentElement;
  const show = () => {
    const theme = root.dataset['theme'] ?? 'auto';
    button.textContent = { auto: '◐', light: '☀', dark: '☾' }[theme] ?? '';
    button.ariaLabel = button.title = `Theme: ${theme}`;
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    const now = THEMES.indexOf((root.dataset['theme'] as 'light' | 'dark' | undefined) ?? 'auto');
    const next = THEMES[(now + 1) % THEMES.length]!;
    if (next === 'auto') delete root.dataset['theme'];
    else root.dataset['theme'] = next;
    try {
      localStorage.setItem('theme', next);
    } catch {
      // Forbidden storage: the choice holds for this page.
    }
    show();
  });
  show();
}

/** The list of pages is open where there is room for it. */
function bindMenu(): void {
  const menu = document.querySelector<HTMLDetailsElement>('details.menu');
  if (menu === null) return;
  const narrow = matchMedia('(max-width: 56rem)');
  const fit = () => {
    menu.open = !narrow.matches;
  };
  narrow.addEventListener('change', fit);
  fit();
  const here = menu.querySelector<HTMLElement>('[aria-current]');
  if (here !== null && here.offsetTop > menu.clientHeight - 60) menu.scrollTop = here.offsetTop - menu.clientHeight / 2;
}

/** Buttons that open or close every part of the page, and links into a closed one. */
function bindOpeners(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-open-all]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const open = button.dataset['openAll'] === 'open';
      for (const part of document.querySelectorAll<HTMLDetailsElement>('main details')) part.open = open;
    });
  }
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let part = target?.closest('details'); part; part = part.parentElement?.closest('details')) part.open = true;
    if (target instanceof HTMLDetailsElement) target.open = true;
    target?.scrollIntoView();
  };
  addEventListener('hashchange', reveal);
  if (location.hash.length > 1) reveal();
}

/** What scrolls sideways can be reached by keyboard; what does not is no stop. */
function bindScrollers(): void {
  const fit = () => {
    for (const box of document.querySelectorAll<HTMLElement>('main .scroll, main pre')) {
      // To measure what is behind a fold would be to lay it out.
      if (!box.checkVisibility()) continue;
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else if (!box.hasAttribute('role')) box.removeAttribute('tabindex');
    }
  };
  let asked = 0;
  const soon = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(fit);
  };
  addEventListener('resize', soon);
  document.addEventListener('toggle', soon, true);
  new MutationObserver(soon).observe(document.querySelector('main')!, { childList: true, subtree: true });
  fit();
}
