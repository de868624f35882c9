// The page where GraphiQL is not built in: choose an example or write a query, run it, read the answer.
const part = (id) => document.getElementById(id);
const examples = JSON.parse(part('examples').textContent);

function choose() {
  part('query').value = examples[part('example').selectedIndex]?.query ?? '{ __typename }';
}

function show(result) {
  part('result').textContent = JSON.stringify(result, null, 2);
}

async function ask(request) {
  const response = await fetch('graphql', {
    method: 'POST',
    headers: { accept: 'application/graphql-response+json', 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  show(await response.json());
}

// A subscription is told over a socket of its own, until something else is run.
let socket;

function subscribe(request) {
  const url = new URL('graphql', document.baseURI).href.replace(/^http/, 'ws');
  const own = (socket = new WebSocket(url, 'graphql-transport-ws'));
  own.addEventListener('open', () => own.send(JSON.stringify({ type: 'connection_init' })));
  own.addEventListener('message', ({ data }) => {
    const { type, payload } = JSON.parse(data);
    if (own !== socket) return;
    if (type === 'connection_ack') own.send(JSON.stringify({ id: '1', type: 'subscribe', payload: request }));
    if (type === 'next') show(payload);
    if (type === 'error') show({ errors: payload });
  });
  own.addEventListener('close', ({ code, reason }) => {
    if (own === socket) part('result').textContent += `\n\nThe subscription has ended: ${reason || code}`;
  });
}

async function run() {
  socket?.close();
  socket = undefined;
  part('result').textContent = '…';
  try {
    const variables = part('variables').value.trim();
    const request = { query: part('query').value, variables: variables ? JSON.parse(variables) : undefined };
    const lines = request.query.replace(/#.*/g, '').trimStart();
    if (lines.startsWith('subscription')) subscribe(request);
    else await ask(request);
  } catch (error) {
    part('result').textContent = String(error);
  }
}

part('example').append(...examples.map(({ name }) => new Option(name)));
part('example').addEventListener('change', choose);
part('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  run();
});
part('ask').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
});
choose();
