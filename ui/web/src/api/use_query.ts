/** What a page shows of the API: read when it appears, and again when the controller tells of a change to it. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { type Change, onChange } from "./changes";
import { api, ApiError } from "./client";

export type Query<T> = {
    data: T | undefined;
    /** Of the last try; what was read before stays shown beside it. */
    error: ApiError | undefined;
    loading: boolean;
    reload: () => void;
};

/** Which changes concern it. */
export type Watch = (change: Change) => boolean;

export const watching =
    (...collections: string[]): Watch =>
    (change) =>
        collections.includes(change.collection);

const GATHER_MS = 200;

/** path null: nothing is asked yet. */
export function useQuery<T>(path: string | null, watch?: Watch): Query<T> {
    const [state, setState] = useState<{ path: string | null; data?: T; error?: ApiError; loading: boolean }>({ path, loading: path !== null });
    const asked = useRef<AbortController>();
    const watches = useRef(watch);
    watches.current = watch;

    const load = useCallback(async () => {
        asked.current?.abort();
        if (path === null) return;
        const mine = (asked.current = new AbortController());
        setState((before) => ({ path, data: before.path === path ? before.data : undefined, error: before.path === path ? before.error : undefined, loading: true }));
        try {
            const data = await api.get<T>(path, { signal: mine.signal });
            if (!mine.signal.aborted) setState({ path, data, loading: false });
        } catch (error) {
            if (mine.signal.aborted) return;
            const why = error instanceof ApiError ? error : new ApiError(0, String(error));
            setState((before) => ({ ...before, error: why, loading: false }));
        }
    }, [path]);

    useEffect(() => {
        void load();
        let timer: ReturnType<typeof setTimeout> | undefined;
        const unwatch = onChange((change) => {
            if (change && !watches.current?.(change)) return;
            // Many changes come together: one reading for all.
            timer ??= setTimeout(() => {
                timer = undefined;
                void load();
            }, GATHER_MS);
        });
        return () => {
            unwatch();
            clearTimeout(timer);
            asked.current?.abort();
        };
    }, [load]);

    const current = state.path === path;
    return {
        data: current ? state.data : undefined,
        error: current ? state.error : undefined,
        loading: current ? state.loading : path !== null,
        reload: () => void load(),
    };
}
