// Bundles GraphiQL with our panel into ../static/graphiql: no address but its own in it.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OUT = '../static/graphiql';
const shared = {
  bundle: true,
  minify: true,
  legalComments: 'none',
  metafile: true,
  outdir: OUT,
  target: 'es2022',
};

// GraphiQL's own stylesheet already holds Monaco's.
const withoutMonacoStyles = {
  name: 'without-monaco-styles',
  setup({ onLoad }) {
    onLoad({ filter: /monaco-editor.*\.css$/ }, () => ({ contents: '' }));
  },
};

rmSync(OUT, { recursive: true, force: true });
const page = await build({
  ...shared,
  entryPoints: ['src/main.tsx'],
  format: 'esm',
  splitting: true,
  chunkNames: 'chunk-[hash]',
  jsx: 'automatic',
  loader: { '.graphql': 'text', '.ttf': 'dataurl', '.woff2': 'dataurl' },
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [withoutMonacoStyles],
});
const workers = await build({
  ...shared,
  entryPoints: {
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  },
  format: 'iife',
});
writeFileSync(join(OUT, 'LICENSES.txt'), licences([page, workers]));
writeFileSync(join(OUT, 'sources.sha256'), `${digestOfSources()}\n`);

/** What the bundle was made from; a test notices when that has changed since. */
function digestOfSources() {
  const inFolder = (folder) => readdirSync(folder).map((name) => join(folder, name));
  const paths = ['bundle.js', 'package-lock.json', ...inFolder('src'), ...inFolder('../tabs')];
  const digest = createHash('sha256');
  paths.sort().forEach((path) => digest.update(readFileSync(path)));
  return digest.digest('hex');
}

/** The licence text of every package of which something is in the bundle. */
function licences(results) {
  const inputs = results.flatMap(({ metafile }) =>
    Object.values(metafile.outputs).flatMap(({ inputs: parts }) =>
      Object.keys(parts).filter((path) => parts[path].bytesInOutput > 0),
    ),
  );
  const packages = inputs.flatMap((path) => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []);
  const texts = [...new Set(packages)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return `${name} ${version} (${license})\n\n${licenceText(folder)}\n`;
  });
  return [...new Set(texts)].join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceText(folder) {
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return file ? readFileSync(join(folder, file), 'utf8').trim() : '';
}
