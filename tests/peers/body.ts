export type UploadedFile = { name: string; type: string; bytes: Buffer };

/** A request body the way a vendor's framework would have unpacked it. */
export type Body =
  | { kind: 'none' }
  /** Urlencoded or multipart; `nested` names the fields that came as `name[…]`. */
  | {
      kind: 'form';
      fields: Map<string, string>;
      nested: Set<string>;
      /** Uploaded files by the name of their field; the field itself says what was there. */
      files: Map<string, UploadedFile>;
    }
  | { kind: 'json'; value: unknown }
  | { kind: 'other'; contentType: string; text: string };

export async function parseBody(raw: Buffer, contentType = ''): Promise<Body> {
  if (raw.length === 0) return { kind: 'none' };
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const other: Body = { kind: 'other', contentType: type, text: raw.toString('utf8') };
  try {
    switch (type) {
      case 'application/json':
        return { kind: 'json', value: JSON.parse(raw.toString('utf8')) };
      case 'application/x-www-form-urlencoded':
        return await toForm(new URLSearchParams(raw.toString('utf8')));
      case 'multipart/form-data': {
        const response = new Response(new Uint8Array(raw), {
          headers: { 'content-type': contentType },
        });
        return await toForm(await response.formData());
      }
      default:
        return other;
    }
  } catch {
    return other;
  }
}

async function toForm(entries: Iterable<[string, string | File]>): Promise<Body> {
  const fields = new Map<string, string>();
  const nested = new Set<string>();
  const files = new Map<string, UploadedFile>();
  for (const [name, value] of entries) {
    const bracket = name.indexOf('[');
    if (bracket > 0) nested.add(name.slice(0, bracket));
    if (typeof value === 'string') {
      fields.set(name, value);
      continue;
    }
    fields.set(name, `<file ${value.name}, ${value.size} B>`);
    const bytes = Buffer.from(await value.arrayBuffer());
    files.set(name, { name: value.name, type: value.type, bytes });
  }
  return { kind: 'form', fields, nested, files };
}

/** The body as a person wants to read it: JSON hidden in form fields is opened. */
export function readable(body: Body): unknown {
  switch (body.kind) {
    case 'none':
      return null;
    case 'json':
      return body.value;
    case 'other':
      return body.text.slice(0, 4_000);
    case 'form':
      return Object.fromEntries(
        Array.from(body.fields, ([name, value]) => [name, parseJson(value) ?? value]),
      );
  }
}

/** Objects and arrays only: a field "123" stays the text it was. */
function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
