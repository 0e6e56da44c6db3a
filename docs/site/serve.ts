/** Serves docs/dist on this machine, to look at: `npm run serve`, or `npm run serve -- PORT`. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** A server of the files under `root`, at any prefix; listening on the loopback address. */
export async function serveFolder(root: string, port = 0, prefix = '/'): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = normalize(decodeURIComponent(pathname.slice(prefix.length - 1)));
    const path = join(root, name.endsWith('/') ? `${name}index.html` : name);
    const found = await stat(path).catch(() => undefined);
    if (!pathname.startsWith(prefix) || !path.startsWith(root + sep) || found?.isFile() !== true) {
      response.writeHead(404).end('not found');
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'content-length': found.size,
    });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return server;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await serveFolder(
    resolve(fileURLToPath(import.meta.url), '../../dist'),
    Number(process.argv[2] ?? 8000),
  );
  console.log(`http://localhost:${(server.address() as { port: number }).port}/`);
}
