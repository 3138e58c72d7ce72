/** The address of every page. Each is loaded when it is first gone to. */
import { lazy, Route, useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";

import { accountPages } from "./accounts/routes";
import { applicationPages } from "./applications/routes";
import { deploymentPages } from "./deployments/routes";
import { healthPages } from "./health/routes";
import { instancePages } from "./instances/routes";
import { jobPages } from "./jobs/routes";
import { runPages } from "./run/routes";
import { webhookPages } from "./webhooks/routes";

/** preact-iso's Route with what it leaves open. */
export type PageRoute = { path: string; load: () => Promise<{ default: () => preact.JSX.Element | null }> };

function Home() {
    const { route } = useLocation();
    useEffect(() => route("/web/apps", true), []);
    return null;
}

const all: PageRoute[] = [
    // Before the application's own, whose tabs are addresses of the same form.
    ...runPages,
    ...applicationPages,
    ...deploymentPages,
    ...instancePages,
    ...webhookPages,
    ...accountPages,
    ...healthPages,
    ...jobPages,
];

export const pages = [
    <Route path="/web" component={Home} />,
    <Route path="/web/" component={Home} />,
    ...all.map(({ path, load }) => <Route path={path} component={lazy(load)} key={path} />),
];
