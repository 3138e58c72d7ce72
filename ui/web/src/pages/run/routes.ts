import type { PageRoute } from "..";

export const runPages: PageRoute[] = [];
