import type { PageRoute } from "..";

export const deploymentPages: PageRoute[] = [
    { path: "/web/deployments", load: () => import("./DeploymentList") },
    { path: "/web/deployments/:id", load: () => import("./DeploymentPage") },
];
