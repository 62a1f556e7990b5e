import * as z from 'zod';

import { CONFIG_SCHEMAS, SECRET_FIELDS } from '../crm/config.ts';
import type { IntegrationType } from '../crm/crm.schema.ts';
import type { FormField } from './config.schema.ts';
import { fieldsOf } from './settings.ts';

const Property = z.object({
  description: z.string().optional(),
  type: z.string().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.unknown().optional(),
  items: z.object({ enum: z.array(z.string()).optional() }).optional(),
});

/** The form of an integration's settings, made of its schema: a new CRM needs no form of its own. */
export function formOf(type: IntegrationType): FormField[] {
  return Object.entries(fieldsOf(type)).map(([name, schema]) => {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    const property = Property.parse(json);
    const { description, pattern, minimum, maximum, items } = property;
    return {
      name,
      label: description ?? name,
      kind: kindOf(property, SECRET_FIELDS[type].includes(name)),
      required: isRequired(type, name),
      ...(pattern !== undefined && { pattern }),
      ...(minimum !== undefined && { minimum }),
      ...(maximum !== undefined && { maximum }),
      ...(items?.enum && { options: items.enum }),
      ...(property.default !== undefined && { default: property.default }),
    };
  });
}

function kindOf({ type, format, items }: z.output<typeof Property>, isSecret: boolean) {
  if (isSecret) return 'secret';
  if (items?.enum) return 'choices';
  if (type === 'integer' || type === 'number') return 'number';
  return format === 'uri' ? 'url' : 'text';
}

function isRequired(type: IntegrationType, name: string): boolean {
  const shape: Record<string, z.ZodType> = CONFIG_SCHEMAS[type].shape;
  const schema = shape[name];
  return schema !== undefined && !schema.safeParse(undefined).success;
}
