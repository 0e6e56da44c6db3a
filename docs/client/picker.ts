/** Switches that choose one of an option's forms. */
export function bindPickers(): void {
  for (const picker of document.querySelectorAll<HTMLElement>('[data-picker]')) {
    const controls = picker.querySelector('fieldset')!;
    const [ack, map, checksum] = ['ack', 'map', 'checksum'].map((part) =>
      picker.querySelector<HTMLInputElement>(`[data-part=${part}]`),
    );
    const show = () => {
      checksum!.disabled = map!.value === '';
      const name = [ack!.value, map!.value, map!.value !== '' && checksum!.checked ? 'checksum' : ''];
      const wanted = name.filter(Boolean).join(' ') || 'empty';
      for (const form of picker.querySelectorAll<HTMLElement>('[data-form]'))
        form.hidden = form.dataset['form'] !== wanted;
    };
    controls.hidden = false;
    controls.addEventListener('change', show);
    show();
  }
}
