/**
 * The OpenAPI document as one page, written here: no script, nothing from elsewhere, so that it works on a hub without a
 * way out and under the strictest Content-Security-Policy. Whoever wants to try requests imports /openapi.json.
 */
export function docsPage(document: object): string {
  const { info, paths } = document as OpenApi; // written by @fastify/swagger, as OpenAPI 3.1 has it
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = new Map<string, typeof operations>();
  for (const one of operations) {
    const tag = one.operation.tags?.[0] ?? 'hub';
    groups.set(tag, [...(groups.get(tag) ?? []), one]);
  }
  const sections = [...groups].map(
    ([tag, members]) =>
      `<h2 id="${escape(tag)}">${escape(tag)}</h2>${members.map(section).join('')}`,
  );
  const contents = [...groups.keys()].map((tag) => `<a href="#${escape(tag)}">${escape(tag)}</a>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)} API</title><style>${style}</style>
<h1>${escape(info.title)} API</h1><p>${escape(info.description)} As a document: <a href="/openapi.json">/openapi.json</a>.</p>
<nav>${contents.join(' · ')}</nav>${sections.join('')}</html>`;
}

export const docsPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

interface OpenApi {
  readonly info: { readonly title: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: object;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { schema?: object }>> };
  readonly responses?: Readonly<
    Record<
      string,
      { readonly description?: string; content?: Readonly<Record<string, { schema?: object }>> }
    >
  >;
}

function section(given: { path: string; method: string; operation: Operation }): string {
  const { path, method, operation } = given;
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, required, description, schema }) =>
      `<tr><td><code>${escape(name)}</code><td>${place}${required ? ', needed' : ''}<td>${escape(description ?? '')}<td>${shape(schema)}`,
  );
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const responses = Object.entries(operation.responses ?? {}).map(
    ([status, { description, content }]) => {
      const [type, media] = Object.entries(content ?? {})[0] ?? ['', {}];
      return `<tr><td>${status}<td>${escape(description ?? '')}<td>${escape(type)}<td>${shape(media.schema)}`;
    },
  );
  return `<section><h3><b>${method.toUpperCase()}</b> <code>${escape(path)}</code></h3>
<p>${escape(operation.summary ?? '')}. ${escape(operation.description ?? '')}</p>
${parameters.length > 0 ? `<table>${parameters.join('')}</table>` : ''}
${body === undefined ? '' : `<p>Body: ${shape(body)}</p>`}<table>${responses.join('')}</table></section>`;
}

function shape(schema: object | undefined): string {
  if (schema === undefined) return '';
  const text = JSON.stringify(schema, undefined, 1);
  if (text.length < 60) return `<code>${escape(text)}</code>`;
  return `<details><summary>schema</summary><pre>${escape(text)}</pre></details>`;
}

function escape(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };
  return text.replaceAll(/[&<>"]/g, (one) => `&${named[one] ?? ''};`);
}

const style = `body{font:16px/1.5 sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%;font-size:14px}td{border-top:1px solid #ddd;padding:.2rem .5rem;vertical-align:top}
section{border-left:3px solid #888;padding-left:1rem;margin:1rem 0}pre{overflow-x:auto;font-size:12px}h3{margin:.2rem 0}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}td{border-color:#444}a{color:#8bf}}`;
