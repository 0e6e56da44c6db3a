/**
 * As much of JSON Schema as fixtures/vectors/schema.json uses.
 *
 * @module
 */

type Schema = Readonly<Record<string, unknown>>;

/** What keeps `value` from conforming to `schema`; nothing where it does. */
export function conforms(value: unknown, schema: Schema, root: Schema = schema, path = '$'): string[] {
  const faults: string[] = [];
  for (const [keyword, wanted] of Object.entries(schema)) {
    const rule = RULES[keyword];
    if (rule === undefined) throw new Error(`no such keyword here: ${keyword}`);
    faults.push(...rule(value, wanted as never, { schema, root, path }));
  }
  return faults;
}

interface Place {
  readonly schema: Schema;
  readonly root: Schema;
  readonly path: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fault = (holds: boolean, path: string, text: string): string[] => (holds ? [] : [`${path} ${text}`]);

const TYPES: Record<string, (value: unknown) => boolean> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
};

const RULES: Record<string, (value: unknown, wanted: never, place: Place) => string[]> = {
  $schema: () => [],
  $defs: () => [],
  title: () => [],
  description: () => [],
  $ref: (value, wanted: string, { root, path }) => {
    const defs = root['$defs'] as Record<string, Schema>;
    return conforms(value, defs[wanted.replace('#/$defs/', '')]!, root, path);
  },
  type: (value, wanted: string, { path }) => fault(TYPES[wanted]!(value), path, `is no ${wanted}`),
  const: (value, wanted: unknown, { path }) => fault(value === wanted, path, `is not ${wanted}`),
  enum: (value, wanted: unknown[], { path }) => fault(wanted.includes(value), path, `is none of ${wanted}`),
  pattern: (value, wanted: string, { path }) =>
    fault(typeof value !== 'string' || new RegExp(wanted).test(value), path, `does not match ${wanted}`),
  minLength: (value, wanted: number, { path }) =>
    fault(typeof value !== 'string' || value.length >= wanted, path, 'is too short'),
  minimum: (value, wanted: number, { path }) => fault(!(Number(value) < wanted), path, `is below ${wanted}`),
  maximum: (value, wanted: number, { path }) => fault(!(Number(value) > wanted), path, `is above ${wanted}`),
  minItems: (value, wanted: number, { path }) =>
    fault(!Array.isArray(value) || value.length >= wanted, path, 'has too few items'),
  maxItems: (value, wanted: number, { path }) =>
    fault(!Array.isArray(value) || value.length <= wanted, path, 'has too many items'),
  required: (value, wanted: string[], { path }) =>
    isObject(value) ? wanted.flatMap((name) => fault(name in value, path, `lacks ${name}`)) : [],
  properties: (value, wanted: Record<string, Schema>, { root, path }) =>
    isObject(value)
      ? Object.entries(wanted).flatMap(([name, schema]) =>
          name in value ? conforms(value[name], schema, root, `${path}.${name}`) : [],
        )
      : [],
  additionalProperties: (value, wanted: false | Schema, { schema, root, path }) => {
    if (!isObject(value)) return [];
    const known = Object.keys((schema['properties'] ?? {}) as object);
    const others = Object.keys(value).filter((name) => !known.includes(name));
    return others.flatMap((name) =>
      wanted === false ? [`${path} has ${name}`] : conforms(value[name], wanted, root, `${path}.${name}`),
    );
  },
  items: (value, wanted: Schema, { root, path }) =>
    Array.isArray(value) ? value.flatMap((item, i) => conforms(item, wanted, root, `${path}[${i}]`)) : [],
  oneOf: (value, wanted: Schema[], { root, path }) => {
    const found = wanted.map((schema) => conforms(value, schema, root, path));
    const fitting = found.filter((faults) => faults.length === 0).length;
    if (fitting === 1) return [];
    return [`${path} fits ${fitting} of ${wanted.length}`, ...found.sort((a, b) => a.length - b.length)[0]!];
  },
};
