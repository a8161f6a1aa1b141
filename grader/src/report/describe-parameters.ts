import { z } from 'zod';

/** A parameter of a rule, as lab.yaml writes it. */
export interface ParameterDescription {
  /** `before.output`; `<name>` stands for any key, `[]` for each entry of a list. */
  name: string;
  type: string;
  isRequired: boolean;
  /** As in YAML; absent if there is none. */
  default?: string;
  description: string;
}

export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

export const getParameterSchema = (parameters: z.ZodType): JsonSchema =>
  z.toJSONSchema(parameters, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    reused: 'inline',
  }) as JsonSchema;

/** What a rule takes under `with`, outer parameters before those that are in them. */
export function describeParameters(parameters: z.ZodType): ParameterDescription[] {
  return describeProperties(getParameterSchema(parameters), '');
}

const describeProperties = ({ properties = {}, required = [] }: JsonSchema, prefix: string): ParameterDescription[] =>
  Object.entries(properties).flatMap(([key, schema]) => [
    {
      name: `${prefix}${key}`,
      type: nameType(schema),
      isRequired: required.includes(key),
      ...(schema.default === undefined ? {} : { default: writeValue(schema.default) }),
      description: schema.description ?? '',
    },
    ...describeInside(schema, `${prefix}${key}`),
  ]);

function describeInside(schema: JsonSchema, path: string): ParameterDescription[] {
  const { anyOf = [], items, additionalProperties } = schema;
  return [
    ...describeProperties(schema, `${path}.`),
    ...(typeof additionalProperties === 'object' ? describeInside(additionalProperties, `${path}.<name>`) : []),
    ...(items ? describeInside(items, `${path}[]`) : []),
    ...anyOf.flatMap((branch) => describeInside(branch, path)),
  ];
}

/** `a text`, `a list of texts`, `never | always`. */
function nameType(schema: JsonSchema): string {
  const { type, minimum, maximum } = schema;
  if (schema.anyOf) return [...new Set(schema.anyOf.map(nameType))].join(' | ');
  if (schema.const !== undefined) return writeValue(schema.const);
  if (schema.enum) return schema.enum.map(writeValue).join(' | ');
  if (type === 'array') {
    const inner = nameType(schema.items ?? {});
    return inner.includes(' | ') ? `list of (${inner})` : `list of ${inner}`;
  }
  if (type === 'object') {
    if (typeof schema.additionalProperties === 'object')
      return `map of names to ${nameType(schema.additionalProperties)}`;
    return `map (${Object.keys(schema.properties ?? {}).join(', ')})`;
  }
  if (type !== 'integer' && type !== 'number') return type === 'string' ? 'text' : (type ?? 'any');
  // The largest whole number that JavaScript holds is zod's own bound, and nobody's wish.
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const range =
    low !== undefined && high !== undefined
      ? `from ${low} to ${high}`
      : low !== undefined
        ? `at least ${low}`
        : high !== undefined
          ? `at most ${high}`
          : '';
  return `${type === 'integer' ? 'whole number' : 'number'} ${range}`.trim();
}

/** A value as one line of YAML. */
export function writeValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, each]) => `${key}: ${writeValue(each)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  // Plain where YAML reads it as the same text.
  if (typeof value === 'string' && !/^[A-Za-z][\w-]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return String(value);
}

/** The smallest value that a schema takes, with names that say what stands there; an example where nobody has written one. */
export function createExample(schema: JsonSchema, name = 'name'): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.examples) return schema.examples[0];
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return createExample(schema.anyOf[0]!, name);
  switch (schema.type) {
    case 'object': {
      const { properties = {}, required = [], additionalProperties } = schema;
      if (typeof additionalProperties === 'object') return { [name]: createExample(additionalProperties, name) };
      return Object.fromEntries(required.map((key) => [key, createExample(properties[key] ?? {}, key)]));
    }
    case 'array':
      return [createExample(schema.items ?? {}, name)];
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1);
    default:
      return name;
  }
}
