/** The capture page: files in, a worker at work, parts of the report shown as they come. */
import type { Answer, PartName, Request } from './messages.ts';
import { bindOctets } from './octets.ts';

/** Where this script came from: the worker lies beside it. */
const scriptUrl = (document.currentScript as HTMLScriptElement | null)?.src ?? `${location.href}`;

const page = document.querySelector<HTMLElement>('[data-capture]');
if (page !== null) bind(page);

function bind(root: HTMLElement): void {
  const part = <T extends HTMLElement = HTMLElement>(name: string) => root.querySelector<T>(`[data-c="${name}"]`)!;
  const drop = part('drop');
  const bar = part<HTMLProgressElement>('bar');
  const state = part('state');
  const cancel = part<HTMLButtonElement>('cancel');
  let worker: Worker | undefined;
  let shown = 0;
  let started = 0;
  /** Parts wait for their turn, one a frame, so that no single one is long. */
  const waiting: (() => void)[] = [];

  const ask = (request: Request) => worker?.postMessage(request);
  const withKeys = () => part<HTMLInputElement>('keys').checked;

  const idle = (text: string) => {
    state.textContent = text;
    bar.hidden = true;
    cancel.hidden = true;
  };

  const start = (files: readonly File[]) => {
    if (files.length === 0) return;
    worker?.terminate();
    waiting.length = 0;
    for (const name of ['overview', 'outer', 'head', 'timeline', 'tables', 'segments', 'segment'])
      part(name).replaceChildren();
    part('actions').hidden = true;
    started = performance.now();
    bar.hidden = false;
    bar.value = 0;
    cancel.hidden = false;
    state.textContent = `Reading ${files.map(({ name }) => name).join(', ')} …`;
    worker = startWorker();
    worker.onmessage = ({ data }: MessageEvent<Answer>) => hear(data);
    worker.onerror = ({ message }) =>
      idle(
        location.protocol === 'file:'
          ? 'Browsers start no worker for a page from a file: open this site from a web server.'
          : `The tracer stopped: ${message}`,
      );
    ask({ type: 'trace', files });
  };

  const hear = (answer: Answer) => {
    switch (answer.type) {
      case 'progress': {
        const { what, read, total, packets } = answer;
        bar.value = total === 0 ? 1 : read / total;
        const seconds = (performance.now() - started) / 1000;
        state.textContent = `${what}: ${megabytes(read)} of ${megabytes(total)} MB, ${packets.toLocaleString('en')} packets, ${(read / 1e6 / Math.max(seconds, 0.001)).toFixed(0)} MB/s`;
        break;
      }
      case 'part':
        later(() => {
          const place = part(answer.part);
          place.innerHTML = answer.html;
          if (answer.part === 'segment') {
            bindOctets(place);
            place.querySelector<HTMLElement>('h3')?.focus();
          }
        });
        break;
      case 'traced':
        later(() => {
          const seconds = (performance.now() - started) / 1000;
          idle(answer.connections === 0 ? 'No MPTCP in it.' : `Done in ${seconds.toFixed(1)} s.`);
          root.dataset['state'] = 'traced';
          if (answer.connections > 0) show(0);
        });
        break;
      case 'shown':
        later(() => {
          shown = answer.connection;
          bar.hidden = true;
          cancel.hidden = true;
          part('actions').hidden = false;
          root.dataset['state'] = 'shown';
        });
        break;
      case 'file':
        save(answer.name, answer.mime, answer.text);
        break;
      case 'failed':
        idle(`Cannot trace this: ${answer.message}.`);
        root.dataset['state'] = 'failed';
        break;
    }
  };

  const later = (work: () => void) => {
    waiting.push(work);
    if (waiting.length === 1) requestAnimationFrame(next);
  };
  const next = () => {
    waiting[0]?.();
    waiting.shift();
    if (waiting.length > 0) requestAnimationFrame(next);
  };

  const show = (connection: number) => {
    root.dataset['state'] = 'working';
    part('segment' satisfies PartName).replaceChildren();
    ask({ type: 'connection', connection, keys: withKeys() });
  };

  part<HTMLInputElement>('files').addEventListener('change', (event) => {
    const input = event.target as HTMLInputElement;
    start([...(input.files ?? [])]);
    // So that the same file can be chosen again.
    input.value = '';
  });
  for (const type of ['dragenter', 'dragover'] as const) {
    root.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
  }
  for (const type of ['dragleave', 'drop'] as const) root.addEventListener(type, () => drop.classList.remove('over'));
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    start([...(event.dataTransfer?.files ?? [])]);
  });
  cancel.addEventListener('click', () => {
    worker?.terminate();
    worker = undefined;
    idle('Cancelled.');
    root.dataset['state'] = 'cancelled';
  });
  part('keys').addEventListener('change', () => show(shown));
  part('save-report').addEventListener('click', () => ask({ type: 'report', keys: withKeys() }));
  part('save-drawing').addEventListener('click', () => ask({ type: 'drawing', connection: shown, keys: withKeys() }));
  part<HTMLSelectElement>('sample').addEventListener('change', (event) => {
    const { value } = event.target as HTMLSelectElement;
    if (value !== '') location.hash = `sample=${value}`;
  });
  root.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLElement>('[data-connection], a[data-frame], tr[data-frame]');
    if (link === null) {
      const drawing = (event.target as Element).closest<SVGSVGElement>('svg.timeline');
      if (drawing !== null) pointed(drawing, event as MouseEvent);
      return;
    }
    const { connection, frame } = link.dataset;
    if (connection !== undefined) {
      event.preventDefault();
      show(Number(connection));
      part('head').scrollIntoView();
    } else if (frame !== undefined) {
      event.preventDefault();
      for (const row of root.querySelectorAll('tr.chosen')) row.classList.remove('chosen');
      root.querySelector(`tr[data-frame="${frame}"]`)?.classList.add('chosen');
      ask({ type: 'segment', connection: shown, frame: Number(frame) });
    }
  });

  /** A click beside all marks: the segment that stands nearest. */
  const pointed = (drawing: SVGSVGElement, { clientX, clientY }: MouseEvent) => {
    const box = drawing.getBoundingClientRect();
    const zoom = drawing.viewBox.baseVal.width / box.width;
    ask({ type: 'point', connection: shown, x: (clientX - box.left) * zoom, y: (clientY - box.top) * zoom });
  };

  /** A capture of this site. */
  const sample = async () => {
    const name = new URLSearchParams(location.hash.slice(1)).get('sample');
    if (name === null || !/^[\w.-]+$/.test(name)) return;
    const answer = await fetch(`captures/${name}`);
    if (answer.ok) start([new File([await answer.blob()], name)]);
    else idle(`There is no sample ${name}.`);
  };
  addEventListener('hashchange', sample);
  root.hidden = false;
  void sample();
}

/** By way of a blob: so it is bound by this page's Content Security Policy, and can send nothing to other hosts. */
function startWorker(): Worker {
  const script = JSON.stringify(new URL('capture-worker.js', scriptUrl));
  const url = URL.createObjectURL(new Blob([`importScripts(${script})`], { type: 'text/javascript' }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  return worker;
}

function save(name: string, mime: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: mime }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function megabytes(octets: number): string {
  return (octets / 1e6).toFixed(octets < 1e7 ? 1 : 0);
}
