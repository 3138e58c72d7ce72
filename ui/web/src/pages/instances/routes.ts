import type { PageRoute } from "..";

export const instancePages: PageRoute[] = [
    { path: "/web/instances", load: () => import("./InstanceList") },
    { path: "/web/instances/:id", load: () => import("./InstancePage") },
];
