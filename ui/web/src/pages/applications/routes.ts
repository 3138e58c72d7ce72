import type { PageRoute } from "..";

const detail = () => import("./ApplicationPage");

/** The first that fits is taken: the particular before the general. */
export const applicationPages: PageRoute[] = [
    { path: "/web/apps", load: () => import("./ApplicationList") },
    { path: "/web/apps/:id", load: detail },
    { path: "/web/apps/:id/:part", load: detail },
];
