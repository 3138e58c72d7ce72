import type { PageRoute } from "..";

export const jobPages: PageRoute[] = [
    { path: "/web/jobs", load: () => import("./JobList") },
    { path: "/web/jobs/:id", load: () => import("./JobPage") },
];
