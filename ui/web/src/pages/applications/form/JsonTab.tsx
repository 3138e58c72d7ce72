/** Loads the JSON view, and its grammar, when it is first gone to. */
import type { ComponentProps, ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Loading, Notice } from "~/parts/Notice";

type View = typeof import("./JsonView").default;

export function JsonTab(props: ComponentProps<View>) {
    const [View, setView] = useState<ComponentType<ComponentProps<View>>>();
    const [failed, setFailed] = useState(false);
    useEffect(() => {
        import("./JsonView").then(
            (module) => setView(() => module.default),
            () => setFailed(true),
        );
    }, []);
    if (failed) return <Notice tone="bad">The editor could not be loaded. Is the controller running?</Notice>;
    return View ? <View {...props} /> : <Loading what="the editor" />;
}
