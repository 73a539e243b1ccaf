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
import './styles/failover.css';
import './styles/failover-diagram.css';
import './styles/drills.css';
import { App } from './shell/app.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
