import { lazy, Suspense } from 'react';
import { Link, Route, Switch } from 'wouter';
import { Header } from './header.tsx';
import { LoadBoundary } from './load-boundary.tsx';
import { Notice } from './notice.tsx';
import { PAGES } from './pages.ts';

const OverviewPage = lazy(PAGES['']);
const DevicesPage = lazy(PAGES.devices);
const UsersPage = lazy(PAGES.users);
const CamerasPage = lazy(PAGES.cameras);
const QueryPage = lazy(PAGES.query);
const LogsPage = lazy(PAGES.logs);
const FailoverPage = lazy(PAGES.failover);
const ObservabilityPage = lazy(PAGES.observability);
const DrillReportPage = lazy(() => import('../failover/drill-report-page.tsx'));

function NotFound() {
  return (
    <div className="page page-narrow">
      <h1>No such page</h1>
      <Notice tone="info" title={`There is nothing at ${location.pathname}`}>
        Go to the <Link href="/">overview</Link>, to <Link href="/devices">device telemetry</Link>, to the{' '}
        <Link href="/users">users</Link>, to <Link href="/cameras">camera intelligence</Link>, to{' '}
        <Link href="/query">AI query</Link>, to the <Link href="/logs">logs</Link>, to{' '}
        <Link href="/failover">failover</Link> or to <Link href="/observability">observability</Link>.
      </Notice>
    </div>
  );
}

export function App() {
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <LoadBoundary name="This page">
          <Suspense fallback={<div className="page" aria-busy="true" />}>
            <Switch>
              <Route path="/">
                <OverviewPage />
              </Route>
              <Route path="/devices/:id?">{(params) => <DevicesPage deviceId={params.id ?? null} />}</Route>
              <Route path="/users">
                <UsersPage />
              </Route>
              <Route path="/cameras">
                <CamerasPage />
              </Route>
              <Route path="/query">
                <QueryPage />
              </Route>
              <Route path="/logs">
                <LogsPage />
              </Route>
              <Route path="/failover">
                <FailoverPage />
              </Route>
              <Route path="/observability">
                <ObservabilityPage />
              </Route>
              <Route path="/failover/drills/:id">{({ id }) => <DrillReportPage key={id} id={id} />}</Route>
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Suspense>
        </LoadBoundary>
      </main>
    </>
  );
}
