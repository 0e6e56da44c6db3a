/** Find a page or heading by its words. The index is a file of this site, read at first use. */

interface Entry {
  readonly path: string;
  readonly page: string;
  readonly text: string;
}

/** Bind the button and the `/` key. */
export function bindSearch(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-find]');
  if (button === null) return;
  button.hidden = false;
  let finder: HTMLDialogElement | undefined;
  const open = () => {
    finder ??= makeFinder();
    finder.showModal();
    finder.querySelector('input')?.select();
  };
  button.addEventListener('click', open);
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || (event.target as Element).closest('input, textarea, select, [contenteditable]')) return;
    event.preventDefault();
    open();
  });
}

function makeFinder(): HTMLDialogElement {
  const root = document.body.dataset['root'] ?? './';
  const dialog = document.createElement('dialog');
  dialog.className = 'finder';
  dialog.setAttribute('aria-label', 'Find a page');
  const input = document.createElement('input');
  input.type = 'text';
  input.placeholder = 'checksum, MP_JOIN, join-wrong-host …';
  input.setAttribute('aria-label', 'Words to find');
  const list = document.createElement('ul');
  dialog.append(input, list);
  document.body.append(dialog);
  const index = fetch(`${root}assets/index.json`).then((answer) => answer.json() as Promise<Entry[]>);
  input.addEventListener('input', async () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = words.length === 0 ? [] : (await index).filter((entry) => matches(entry, words)).slice(0, 40);
    list.replaceChildren(...found.map((entry) => item(entry, root)));
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog || (event.target as Element).closest('a') !== null) dialog.close();
  });
  return dialog;
}

function matches({ page, text }: Entry, words: readonly string[]): boolean {
  const hay = `${text} ${page}`.toLowerCase();
  return words.every((word) => hay.includes(word));
}

function item({ path, page, text }: Entry, root: string): HTMLLIElement {
  const line = document.createElement('li');
  const link = document.createElement('a');
  link.href = root + path;
  link.textContent = text;
  if (text !== page) {
    const where = document.createElement('small');
    where.textContent = page;
    link.append(where);
  }
  line.append(link);
  return line;
}
