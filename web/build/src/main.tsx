import './workers';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { useGraphiQL } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import { createFetcher } from './fetcher';
import { PANEL } from './panel';
import { storage } from './storage';
import { READY_TABS } from './tabs';

const fetcher = createFetcher(new URL(location.pathname, location.href));
const tabs = READY_TABS.map((tab) => ({ ...tab, variables: JSON.stringify(tab.variables, null, 2) }));
const plugins = [PANEL, explorerPlugin(), HISTORY_PLUGIN];

// GraphiQL fills the variables editor from storage only, and on the first visit there is nothing.
const first = storage.getItem('graphiql:tabState')
  ? {}
  : { initialQuery: tabs[0]!.query, initialVariables: tabs[0]!.variables };

/** Wraps long lines, so that the ready tabs' comments can be read beside the panel. */
function WordWrap() {
  const editor = useGraphiQL((state) => state.queryEditor);
  useEffect(() => editor?.updateOptions({ wordWrap: 'on' }), [editor]);
  return null;
}

function Page() {
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      visiblePlugin={PANEL.title}
      defaultTabs={tabs}
      defaultEditorToolsVisibility="variables"
      storage={storage}
      {...first}
    >
      <GraphiQL.Logo>Designer BFF</GraphiQL.Logo>
      <WordWrap />
    </GraphiQL>
  );
}

createRoot(document.getElementById('graphiql')!).render(<Page />);
