import "./log.css";

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { Button } from "~/parts/Button";

import { LogBar } from "./LogBar";
import { LogSearch } from "./LogSearch";
import { lineOfHash, LogModel } from "./log_model";
import { RowsView } from "./rows_view";

type ViewerProps = {
    /** "/jobs/ID/logs" */
    path: string;
    label: string;
    /** What is said when there is nothing. */
    empty?: string;
    /** The first line came; nothing comes any more. */
    onTurn?: () => void;
};

/** A log: live, searchable, foldable, and as quick with a million lines as with ten. */
export function LogViewer({ path, label, empty = "Nothing has been written yet", onTurn }: ViewerProps) {
    const model = useMemo(() => new LogModel(path), [path]);
    const viewer = useRef<HTMLElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const view = useRef<RowsView>();
    const [follow, setFollow] = useState(() => lineOfHash(location.hash) < 0);
    const [searching, setSearching] = useState(false);
    const [large, setLarge] = useState(false);
    const [line, setLine] = useState(-1);
    const seen = useRef(0);
    model.tick.value;
    const { state, message, progress } = model.state.value;

    const goTo = (to: number) => {
        model.reveal(to);
        view.current!.setFollow(false);
        view.current!.show(model.rows.rowOf(to));
    };
    const mark = (to: number) => {
        view.current!.marked = to;
        view.current!.refresh(true);
        setLine(to);
    };

    /** Something else is shown; the line at the upper edge stays there. */
    const keep = (change: () => void) => {
        const at = model.rows.count ? model.rows.at(view.current!.first).line : 0;
        change();
        if (!follow) view.current!.show(model.rows.rowOf(at), 0);
    };

    useEffect(() => {
        const rows = (view.current = new RowsView(box.current!, model, {
            onLine: (to) => {
                history.replaceState(history.state, "", `#L${to + 1}`);
                mark(to);
            },
            onFold: (at) => model.fold(at),
            onFollow: setFollow,
        }));
        let wanted = lineOfHash(location.hash);
        rows.setFollow(wanted < 0);
        model.onRows = (all) => {
            rows.refresh(all);
            if (wanted < 0 || wanted >= model.store.count) return;
            const to = wanted;
            wanted = -1;
            mark(to);
            goTo(to);
            viewer.current!.scrollIntoView({ block: "nearest" });
        };
        const onHash = () => {
            wanted = lineOfHash(location.hash);
            if (wanted >= 0) model.onRows(false);
        };
        addEventListener("hashchange", onHash);
        model.onRows(true);
        return () => {
            removeEventListener("hashchange", onHash);
            rows.end();
            model.stop();
        };
    }, [model]);

    const begun = model.store.count > 0;
    const turns = useRef(onTurn);
    turns.current = onTurn;
    useEffect(() => {
        if (begun || state === "ended") turns.current?.();
    }, [begun, state === "ended"]);

    useEffect(() => {
        const onChange = () => setLarge(document.fullscreenElement === viewer.current);
        document.addEventListener("fullscreenchange", onChange);
        return () => document.removeEventListener("fullscreenchange", onChange);
    }, []);

    const toggleLarge = () => {
        if (document.fullscreenElement) void document.exitFullscreen();
        else if (viewer.current?.requestFullscreen) viewer.current.requestFullscreen().catch(() => setLarge(!large));
        else setLarge(!large);
    };
    const onKeyDown = (event: KeyboardEvent) => {
        if (event.key.toLowerCase() === "f" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            setSearching(true);
        } else if (event.key === "Escape" && (searching || large)) {
            event.preventDefault();
            if (searching) {
                setSearching(false);
                model.find("");
                box.current?.focus({ preventScroll: true });
            } else setLarge(false);
        }
    };

    const { count } = model.store;
    if (follow) seen.current = count;
    const fresh = count - seen.current;

    return (
        <section class={large ? "log large" : "log"} aria-label={label} ref={viewer} onKeyDown={onKeyDown}>
            <LogBar
                model={model}
                path={path}
                line={line}
                follow={follow}
                large={large}
                searching={searching}
                onFollow={() => view.current!.setFollow(!follow)}
                onSearch={() => {
                    if (searching) model.find("");
                    setSearching(!searching);
                }}
                onLarge={toggleLarge}
                keep={keep}
                onWrap={() => {
                    model.wrap = !model.wrap;
                    model.setColumns(model.wrap ? view.current!.columns : 0);
                }}
            />
            {searching && (
                <LogSearch
                    model={model}
                    from={() => (model.hit >= 0 ? model.hit : model.rows.count ? model.rows.at(view.current!.first).line : 0)}
                    onHit={goTo}
                    onClose={() => {
                        setSearching(false);
                        model.find("");
                        box.current?.focus({ preventScroll: true });
                    }}
                />
            )}
            <div class="log-frame">
                <div class={model.rawTimes ? "log-box raw-times" : "log-box"} tabIndex={0} role="group" aria-label={`${label}: lines`} ref={box} />
                {count === 0 && <div class="log-empty">{state === "loading" ? "Loading…" : empty}</div>}
                {!follow && fresh > 0 && (
                    <div class="log-fresh">
                        <Button look={["primary", "small"]} onClick={() => view.current!.setFollow(true)}>
                            {fresh.toLocaleString()} new {fresh === 1 ? "line" : "lines"} ↓
                        </Button>
                    </div>
                )}
            </div>
            <div class="log-foot" role="status">
                <span>
                    {count.toLocaleString()} {count === 1 ? "line" : "lines"}
                    {model.rows.lane !== null && `, ${model.rows.count.toLocaleString()} shown`}
                </span>
                <span class={`log-state ${state}`}>
                    {state === "loading" && (progress > 0 && progress < 1 ? `loading, ${Math.floor(progress * 100)} %` : "loading")}
                    {state === "live" && "live"}
                    {state === "lost" && "connection lost, trying again"}
                    {state === "refused" && message}
                    {state === "ended" && "complete"}
                </span>
            </div>
        </section>
    );
}
