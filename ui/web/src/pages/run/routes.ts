import type { PageRoute } from "..";

export const runPages: PageRoute[] = [
    { path: "/web/apps/:id/run", load: () => import("./RunPicker") },
    { path: "/web/apps/:id/run/:command", load: () => import("./RunPage") },
];
