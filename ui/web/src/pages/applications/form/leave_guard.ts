/** Holds whoever would leave with something unsaved, until they say so. */
import { useLocation } from "preact-iso";
import { useEffect, useRef, useState } from "preact/hooks";

import { holdSteps } from "~/parts/leaving";

export type LeaveGuard = {
    /** Somebody wants to go; undefined: nobody. */
    asked: boolean;
    leave: () => void;
    stay: () => void;
    /** Goes without asking: it was saved. */
    go: (url: string) => void;
};

/** Of a click that would be followed within the pages: the address. */
export function leavingTo(event: MouseEvent, here: string): string | undefined {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.button !== 0) return undefined;
    const link = event.composedPath().find((one): one is HTMLAnchorElement => one instanceof HTMLAnchorElement);
    const href = link?.getAttribute("href");
    if (!link || !href || href.startsWith("#") || link.download || (link.target && link.target !== "_self")) return undefined;
    const url = new URL(href, location.href);
    if (url.origin !== location.origin || url.pathname === here) return undefined;
    return url.pathname + url.search + url.hash;
}

export function useLeaveGuard(dirty: boolean): LeaveGuard {
    const { route } = useLocation();
    const [wish, setWish] = useState<string | "back">();
    const armed = useRef(dirty);
    const released = useRef(false);
    armed.current = dirty && !released.current;
    const here = useRef(location.pathname + location.search + location.hash);
    const path = useRef(location.pathname);

    useEffect(() => {
        const click = (event: MouseEvent) => {
            here.current = location.pathname + location.search + location.hash;
            const to = armed.current ? leavingTo(event, path.current) : undefined;
            if (!to) return;
            event.preventDefault();
            event.stopPropagation();
            setWish(to);
        };
        // Before the router hears of it: the address is put back.
        const pop = (event: PopStateEvent) => {
            if (location.pathname === path.current) {
                here.current = location.pathname + location.search + location.hash;
                return;
            }
            if (!armed.current) return;
            event.stopImmediatePropagation();
            history.pushState(null, "", here.current);
            setWish("back");
        };
        const unload = (event: BeforeUnloadEvent) => {
            if (armed.current) event.preventDefault();
        };
        document.addEventListener("click", click, true);
        const release = holdSteps(pop);
        addEventListener("beforeunload", unload);
        return () => {
            document.removeEventListener("click", click, true);
            release();
            removeEventListener("beforeunload", unload);
        };
    }, []);

    return {
        asked: wish !== undefined,
        stay: () => setWish(undefined),
        leave: () => {
            released.current = true;
            armed.current = false;
            setWish(undefined);
            if (wish === "back") history.back();
            else if (wish) route(wish);
        },
        go: (url) => {
            released.current = true;
            armed.current = false;
            route(url);
        },
    };
}
