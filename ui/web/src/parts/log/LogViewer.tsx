import "./log.css";

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import { Button } from "~/parts/Button";

import { lanesOfSearch, searchWithLanes } from "./lane_choice";
import { LaneHeads } from "./LaneHeads";
import { LogBar } from "./LogBar";
import { LogSearch } from "./LogSearch";
import { lineOfHash, LogModel } from "./log_model";
import { LogPane } from "./log_pane";

type ViewerProps = {
    /** "/jobs/ID/logs" */
    path: string;
    label: string;
    /** What is said when there is nothing. */
    empty?: string;
    /** The first line came; nothing comes any more. */
    onTurn?: () => void;
};

/** A log: live, searchable, foldable, its lanes beside each other, and as quick with a million lines as with ten. */
export function LogViewer({ path, label, empty = "Nothing has been written yet", onTurn }: ViewerProps) {
    const model = useMemo(() => new LogModel(path, lanesOfSearch(location.search)), [path]);
    const viewer = useRef<HTMLElement>(null);
    const box = useRef<HTMLDivElement>(null);
    const heads = useRef<HTMLDivElement>(null);
    const pane = useRef<LogPane>();
    const [follow, setFollow] = useState(() => lineOfHash(location.hash) < 0);
    const [searching, setSearching] = useState(false);
    const [large, setLarge] = useState(false);
    const seen = useRef(0);
    model.tick.value;
    const { state, message, progress } = model.state.value;

    const goTo = (to: number) => {
        model.reveal(to);
        pane.current!.setFollow(false);
        pane.current!.show(to);
    };

    /** Something else is shown; the line at the upper edge stays there. */
    const keep = (change: () => void) => {
        const at = pane.current!.line;
        change();
        if (!follow) pane.current!.show(at, 0);
    };

    useEffect(() => {
        const shown = (pane.current = new LogPane(box.current!, heads.current!, model, {
            onLine: (to) => {
                history.replaceState(history.state, "", `#L${to + 1}`);
                model.mark(to);
            },
            onFold: (at) => model.fold(at),
            onFollow: setFollow,
        }));
        let wanted = lineOfHash(location.hash);
        shown.setFollow(wanted < 0);
        model.onRows = (all) => {
            shown.refresh(all);
            if (wanted < 0 || wanted >= model.store.count) return;
            const to = wanted;
            wanted = -1;
            model.mark(to);
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
            shown.end();
            model.stop();
        };
    }, [model]);

    const chosen = model.names.join(",");
    useLayoutEffect(() => {
        // What is shown is in the address, whoever changed it, before anybody sees it: a reload shows the same.
        if (lanesOfSearch(location.search).join(",") === chosen) return;
        history.replaceState(history.state, "", `${location.pathname}${searchWithLanes(location.search, model.names)}${location.hash}`);
    }, [chosen]);

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
    const endSearch = () => {
        setSearching(false);
        model.find("");
        box.current?.focus({ preventScroll: true });
    };
    const onKeyDown = (event: KeyboardEvent) => {
        if (event.key.toLowerCase() === "f" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            setSearching(true);
        } else if (event.key === "Escape" && (searching || large)) {
            event.preventDefault();
            if (searching) endSearch();
            else setLarge(false);
        }
    };
    const onLanes = (names: string[]) => keep(() => model.setLanes(names));

    const { count } = model.store;
    if (follow) seen.current = count;
    const fresh = count - seen.current;
    const side = model.lanes !== null;

    return (
        <section class={large ? "log large" : "log"} aria-label={label} ref={viewer} onKeyDown={onKeyDown}>
            <LogBar
                model={model}
                path={path}
                line={model.marked}
                follow={follow}
                large={large}
                searching={searching}
                onFollow={() => pane.current!.setFollow(!follow)}
                onSearch={() => {
                    if (searching) model.find("");
                    setSearching(!searching);
                }}
                onLarge={toggleLarge}
                keep={keep}
                onLanes={onLanes}
                onWrap={() => {
                    model.wrap = !model.wrap;
                    model.setColumns(model.wrap ? pane.current!.columns : 0);
                }}
            />
            {searching && <LogSearch model={model} from={() => (model.hit >= 0 ? model.hit : pane.current!.line)} onHit={goTo} onClose={endSearch} />}
            <div class="log-frame">
                <div class={["log-box", side && "sides", model.rawTimes && "raw-times"].filter(Boolean).join(" ")} tabIndex={0} role="group" aria-label={`${label}: lines`} ref={box}>
                    <div class="log-lane-heads" hidden={!side} ref={heads}>
                        {side && <LaneHeads model={model} onLanes={onLanes} />}
                    </div>
                </div>
                {count === 0 && <div class="log-empty">{state === "loading" ? "Loading…" : empty}</div>}
                {!follow && fresh > 0 && (
                    <div class="log-fresh">
                        <Button look={["primary", "small"]} onClick={() => pane.current!.setFollow(true)}>
                            {fresh.toLocaleString()} new {fresh === 1 ? "line" : "lines"} ↓
                        </Button>
                    </div>
                )}
            </div>
            <div class="log-foot" role="status">
                <span>
                    {count.toLocaleString()} {count === 1 ? "line" : "lines"}
                    {model.names.length > 0 && `, ${model.shown.toLocaleString()} shown`}
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
