import { lazy, Suspense } from 'react';
import { Link, Route, Switch } from 'wouter';
import { OverviewPage } from '../overview/overview-page.tsx';
import { Header } from './header.tsx';
import { LoadBoundary } from './load-boundary.tsx';
import { Notice } from './notice.tsx';

const DevicesPage = lazy(() => import('../devices/devices-page.tsx'));
const FailoverPage = lazy(() => import('../failover/failover-page.tsx'));
const DrillReportPage = lazy(() => import('../failover/drill-report-page.tsx'));

function NotFound() {
  return (
    <div className="page page-narrow">
      <h1>No such page</h1>
      <Notice tone="info" title={`There is nothing at ${location.pathname}`}>
        Go to the <Link href="/">overview</Link>, to <Link href="/devices">device telemetry</Link> or to{' '}
        <Link href="/failover">failover</Link>.
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
              <Route path="/failover">
                <FailoverPage />
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
