import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import "./parts/leaving";

import { render } from "preact";
import { ErrorBoundary, LocationProvider, Router } from "preact-iso";
import { useEffect, useState } from "preact/hooks";

import { startChanges } from "./api/changes";
import { findSession, session } from "./api/client";
import { Button } from "./parts/Button";
import { Notice } from "./parts/Notice";
import { PageHead } from "./parts/PageHead";
import { pages } from "./pages";
import { Login } from "./session/Login";
import { Shell } from "./Shell";

function Ghost() {
    const [failure, setFailure] = useState("");
    const [broken, setBroken] = useState<Error>();
    const find = () =>
        findSession()
            .then(() => setFailure(""))
            .catch((error: Error) => setFailure(error.message));
    useEffect(() => {
        void find();
    }, []);

    if (session.value === undefined)
        return failure ? (
            <main class="login">
                <Notice tone="bad" action={<Button onClick={find}>Try again</Button>}>
                    {failure}
                </Notice>
            </main>
        ) : null;
    if (session.value === null) return <Login />;
    return (
        <LocationProvider scope="/web">
            <Shell>
                {broken ? (
                    <Notice tone="bad" action={<Button onClick={() => location.reload()}>Load it again</Button>}>
                        This page has failed: {broken.message}
                    </Notice>
                ) : (
                    <ErrorBoundary onError={setBroken}>
                        <Router>
                            {pages}
                            <NotFound default />
                        </Router>
                    </ErrorBoundary>
                )}
            </Shell>
        </LocationProvider>
    );
}

function NotFound(_: { default?: boolean }) {
    return (
        <>
            <PageHead title="There is no such page" />
            <p>
                The address may have been mistyped, or what it showed is gone. <a href="/web/apps">All applications</a>
            </p>
        </>
    );
}

startChanges();
render(<Ghost />, document.getElementById("ghost")!);
