import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import type { ReadyTab } from './tabs';

type OpenTab = (tab: ReadyTab, variables: object, thenRun: boolean) => void;

/** Turns to a ready tab, reopening it where it was closed, and sets its variables. */
export function useOpenTab(): OpenTab {
  const { tabs, queryEditor, variableEditor, headerEditor } = useGraphiQL((state) => ({
    tabs: state.tabs,
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    headerEditor: state.headerEditor,
  }));
  const { addTab, changeTab, run, stop } = useGraphiQLActions();
  return (tab, variables, thenRun) => {
    stop();
    const headers = headerEditor?.getValue();
    const index = tabs.findIndex(({ title }) => title === tab.name);
    if (index >= 0) {
      changeTab(index);
    } else {
      addTab();
      queryEditor?.setValue(tab.query);
    }
    variableEditor?.setValue(JSON.stringify(variables, null, 2));
    // A key given in one tab holds for the next step too.
    if (headers) headerEditor?.setValue(headers);
    if (thenRun) run();
  };
}
