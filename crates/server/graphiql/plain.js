// The page where GraphiQL is not built in: choose an example or write a query, run it, read the answer.
const part = (id) => document.getElementById(id);
const examples = JSON.parse(part('examples').textContent);

function choose() {
  part('query').value = examples[part('example').selectedIndex]?.query ?? '{ __typename }';
}

async function run() {
  part('result').textContent = '…';
  try {
    const variables = part('variables').value.trim();
    const response = await fetch('graphql', {
      method: 'POST',
      headers: { accept: 'application/graphql-response+json', 'content-type': 'application/json' },
      body: JSON.stringify({ query: part('query').value, variables: variables ? JSON.parse(variables) : undefined }),
    });
    part('result').textContent = JSON.stringify(await response.json(), null, 2);
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
