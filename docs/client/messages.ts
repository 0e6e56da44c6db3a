/** What the capture page and its worker say to each other. */

/** From the page. */
export type Request =
  | { readonly type: 'trace'; readonly files: readonly File[] }
  | { readonly type: 'connection'; readonly connection: number; readonly keys: boolean }
  | { readonly type: 'segment'; readonly connection: number; readonly frame: number }
  | { readonly type: 'point'; readonly connection: number; readonly x: number; readonly y: number }
  | { readonly type: 'drawing'; readonly connection: number; readonly keys: boolean }
  | { readonly type: 'report'; readonly keys: boolean };

/** Parts of the page, each filled on its own. */
export type PartName = 'overview' | 'outer' | 'head' | 'timeline' | 'tables' | 'segments' | 'segment';

/** From the worker. */
export type Answer =
  | {
      readonly type: 'progress';
      readonly what: string;
      readonly read: number;
      readonly total: number;
      readonly packets: number;
    }
  | { readonly type: 'part'; readonly part: PartName; readonly html: string }
  | { readonly type: 'traced'; readonly connections: number }
  | { readonly type: 'shown'; readonly connection: number }
  | { readonly type: 'file'; readonly name: string; readonly mime: string; readonly text: string }
  | { readonly type: 'failed'; readonly message: string };
