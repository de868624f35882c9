// Runs every audit of the npm package graphql-http against a service and prints what each found.
// Exit code 0: all audits of level MUST and SHOULD pass. 1: one failed, or the service could not be asked. 2: wrong usage.
//   npm ci && node audit.mjs http://127.0.0.1:8080/graphql
import { auditServer } from 'graphql-http';

const [url, ...more] = process.argv.slice(2);
if (!url || more.length > 0) {
  console.error('usage: node audit.mjs URL   (for example http://127.0.0.1:8080/graphql)');
  process.exit(2);
}

const level = ({ name }) => /^(MUST|SHOULD|MAY)\b/.exec(name)[0];
const results = await auditServer({ url });
const failed = results.filter(({ status }) => status !== 'ok');
for (const result of failed) {
  console.log(`${level(result)} failed: ${result.id} ${result.name}\n  ${result.reason ?? ''}`);
  if (result.response) console.log(`  answered ${result.response.status} ${result.response.headers.get('content-type')}`);
}
for (const name of ['MUST', 'SHOULD', 'MAY']) {
  const all = results.filter((result) => level(result) === name);
  const passed = all.filter(({ status }) => status === 'ok');
  console.log(`${name}: ${passed.length} of ${all.length} pass`);
}
process.exit(failed.some((result) => level(result) !== 'MAY') ? 1 : 0);
