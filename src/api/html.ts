/** Text as the content of an HTML element or attribute. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** A page of ours; `body` is HTML. Its style is served by us, as the content policy demands. */
export const htmlPage = (title: string, body: string, head = ''): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/docs/styles/page.css">
${head}</head>
<body>
${body}
</body>
</html>
`;

export const pageStyle = `body {
  font: 16px/1.5 system-ui, sans-serif;
  margin: 2rem auto;
  max-width: 60rem;
  padding: 0 1rem;
  color: #1c1e21;
  background: #fff;
}
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid #ddd; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; overflow-wrap: anywhere; }
a { color: #0b57d0; }
`;

/** Starts Swagger UI on its page; a file of its own because scripts in pages are refused. */
export const swaggerStart = `window.addEventListener('load', () => {
  window.SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    supportedSubmitMethods: ['get', 'post'],
    validatorUrl: null,
  });
});
`;
