import type { PageRoute } from "..";

const detail = () => import("./ApplicationPage");

/** The first that fits is taken. */
export const applicationPages: PageRoute[] = [
    { path: "/web/apps", load: () => import("./ApplicationList") },
    { path: "/web/apps/new", load: () => import("./form/NewApplication") },
    { path: "/web/apps/:id/edit", load: () => import("./form/EditApplication") },
    { path: "/web/apps/:id", load: detail },
    ...["modules", "deployments", "jobs", "settings"].map((tab) => ({ path: `/web/apps/:id/${tab}`, load: detail })),
];
