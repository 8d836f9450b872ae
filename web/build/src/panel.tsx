import type { GraphiQLPlugin } from '@graphiql/react';
import { FilesSection } from './FilesSection';
import { PicturesSection } from './PicturesSection';
import { RunSection } from './RunSection';
import './panel.css';

function Panel() {
  return (
    <div className="panel" data-testid="panel">
      <FilesSection />
      <RunSection />
      <PicturesSection />
    </div>
  );
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <rect x="3" y="4" width="18" height="16" rx="2" />
      <circle cx="8.5" cy="9.5" r="1.75" />
      <path d="m4 18 5-5 3.5 3.5L16 13l5 5" strokeLinejoin="round" />
    </svg>
  );
}

export const PANEL: GraphiQLPlugin = { title: 'Files and pictures', icon: Icon, content: Panel };
