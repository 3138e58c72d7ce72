/**
 * Steps back and forth in the history, told to one who may hold them. Imported before anything is shown: listeners of
 * the window are called in the order they came, and this one has to be before the router's.
 */
type Holder = (event: PopStateEvent) => void;

let holder: Holder | undefined;

addEventListener("popstate", (event) => holder?.(event));

/** Returns what ends it. */
export function holdSteps(by: Holder): () => void {
    holder = by;
    return () => {
        if (holder === by) holder = undefined;
    };
}
