/** Octets and their fields point at each other: hover shows, click or Enter holds. */

/** Make every `.octets` under `root` answer the pointer and the keyboard. May be called again for new ones. */
export function bindOctets(root: ParentNode): void {
  for (const box of root.querySelectorAll<HTMLElement>('.octets:not([data-bound])')) bind(box);
}

function bind(box: HTMLElement): void {
  box.dataset['bound'] = '';
  const rows = [...box.querySelectorAll<HTMLTableRowElement>('tr[data-f]')];
  const octets = [...box.querySelectorAll<HTMLElement>('.o')];
  for (const row of rows) row.tabIndex = -1;
  if (rows[0] !== undefined) rows[0].tabIndex = 0;
  let pinned: readonly string[] = [];

  const mark = (name: 'on' | 'pin', fields: readonly string[]) => {
    for (const row of rows) row.classList.toggle(name, fields.includes(row.dataset['f']!));
    for (const octet of octets)
      octet.classList.toggle(
        name,
        fieldsOf(octet).some((field) => fields.includes(field)),
      );
  };
  const pin = (fields: readonly string[]) => {
    pinned = same(pinned, fields) ? [] : fields;
    mark('pin', pinned);
  };

  box.addEventListener('pointerover', (event) => mark('on', fieldsAt(event)));
  box.addEventListener('pointerleave', () => mark('on', []));
  box.addEventListener('click', (event) => {
    const fields = fieldsAt(event);
    if (fields.length === 0 || (event.target as Element).closest('input, select, button, a') !== null) return;
    pin(fields);
    if ((event.target as Element).closest('.o') !== null) {
      rows.find((row) => row.dataset['f'] === fields[0])?.scrollIntoView({ block: 'nearest' });
    }
  });
  box.addEventListener('focusin', (event) => mark('on', fieldsAt(event)));
  box.addEventListener('focusout', () => mark('on', []));
  box.addEventListener('keydown', (event) => {
    const at = rows.indexOf(event.target as HTMLTableRowElement);
    if (at < 0) return;
    if (event.key === 'Enter' || event.key === ' ') pin(fieldsAt(event));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    const row = to === undefined ? undefined : rows[to];
    if (row === undefined) return;
    rows[at]!.tabIndex = -1;
    row.tabIndex = 0;
    row.focus();
  });
}

function fieldsAt(event: Event): readonly string[] {
  const found = (event.target as Element).closest<HTMLElement>('[data-f]');
  return found === null ? [] : fieldsOf(found);
}

function fieldsOf(element: HTMLElement): readonly string[] {
  return element.dataset['f']!.split(' ');
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((field, i) => field === b[i]);
}
