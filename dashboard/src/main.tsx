import './shell/pages.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/sites.css';
import './styles/overview.css';
import './styles/rejects.css';
import './styles/devices.css';
import './styles/device-panel.css';
import './styles/logs.css';
import './styles/log-entries.css';
import './styles/failover.css';
import './styles/failover-diagram.css';
import './styles/drills.css';
import './styles/users.css';
import './styles/user-sessions.css';
import './styles/query.css';
import './styles/query-documents.css';
import './styles/cameras.css';
import './styles/camera-photo.css';
import './styles/observability.css';
import { App } from './shell/app.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
