// GraphiQL with the example operations in its tabs. Everything it needs comes from the service itself.
import { GraphiQL } from 'graphiql';
import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { getOperationAST } from 'graphql';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const name = ['json', 'graphql'].includes(label) ? label : 'editor';
    return new Worker(new URL(`./${name}.worker.js`, import.meta.url), { type: 'module' });
  },
};

const endpoint = new URL('graphql', document.baseURI);
const examples = JSON.parse(document.getElementById('examples').textContent);

// Opened by the first subscription; the page's own scheme says whether it is encrypted.
const socket = createClient({ url: endpoint.href.replace(/^http/, 'ws') });

async function fetcher(request, options) {
  const document = options?.documentAST;
  if (document && getOperationAST(document, request.operationName)?.operation === 'subscription') {
    return socket.iterate(request);
  }
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json;q=0.9',
      'content-type': 'application/json',
      ...options?.headers,
    },
    body: JSON.stringify(request),
  });
  return response.json();
}

const tabs = examples.map(({ query }) => ({ query }));
createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={tabs.length > 0 ? tabs : undefined}
    plugins={[HISTORY_PLUGIN]}
    visiblePlugin={DOC_EXPLORER_PLUGIN}
  />,
);
