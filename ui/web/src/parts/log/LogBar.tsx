import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { Icon, type IconName } from "~/parts/Icon";

import { COLUMNS_MAX, firstColumns, laneLabel, withColumn } from "./lane_choice";
import type { LogModel } from "./log_model";

type BarProps = {
    model: LogModel;
    path: string;
    /** The one that is marked; -1 */
    line: number;
    follow: boolean;
    large: boolean;
    searching: boolean;
    onFollow: () => void;
    onSearch: () => void;
    onLarge: () => void;
    onWrap: () => void;
    onLanes: (names: string[]) => void;
    keep: (change: () => void) => void;
};

export function Tool({ label, pressed, icon, onClick, children }: { label: string; pressed?: boolean; icon?: IconName; onClick: () => void; children?: ComponentChildren }) {
    return (
        <button type="button" class="log-tool" title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
            {icon && <Icon name={icon} size={16} />}
            {children}
        </button>
    );
}

export function LogBar({ model, path, line, follow, large, searching, onFollow, onSearch, onLarge, onWrap, onLanes, keep }: BarProps) {
    const { rows, steps, known, names, lanes } = model;
    const allFolded = steps.starts.length > 0 && rows.folded.size >= steps.starts.length;
    return (
        <div class="log-bar">
            {(known.length > 1 || names.length > 0) && <LaneTools model={model} onLanes={onLanes} />}
            {steps.starts.length > 1 && (lanes || rows.lane === null) && <Tool label={allFolded ? "Unfold all steps" : "Fold all steps"} onClick={() => keep(() => model.foldAll(!allFolded))}>{allFolded ? "Unfold" : "Fold"}</Tool>}
            {line >= 0 && <CopyLink line={line} />}
            <span class="log-space" />
            <Tool label="Follow the end" pressed={follow} icon="down" onClick={onFollow}>
                Follow
            </Tool>
            <Tool label="Wrap long lines" pressed={model.wrap} onClick={() => keep(onWrap)}>
                Wrap
            </Tool>
            <Tool label="GMT times, as the log has them" pressed={model.rawTimes} onClick={() => model.setRawTimes(!model.rawTimes)}>
                GMT
            </Tool>
            <Tool label="Search (Ctrl+F)" pressed={searching} icon="search" onClick={onSearch} />
            <a class="log-tool" href={path} download title="Download" aria-label="Download the log">
                <Icon name="download" size={16} />
            </a>
            <Tool label={large ? "Leave full screen" : "Full screen"} icon={large ? "close" : "full"} onClick={onLarge} />
        </div>
    );
}

/** One lane or all of them, or some beside each other. */
function LaneTools({ model, onLanes }: { model: LogModel; onLanes: (names: string[]) => void }) {
    const { known, names, store } = model;
    const side = names.length > 1;
    const offered = [...new Set([...known, ...names])];
    return (
        <>
            {!side && (
                <select class="log-lanes" aria-label="Lines of" value={names[0] ?? ""} onChange={({ currentTarget: { value } }) => onLanes(value ? [value] : [])}>
                    <option value="">All together</option>
                    {offered.map((name) => (
                        <option value={name} key={name}>
                            {laneLabel(name)} ({(store.lanes[store.laneNumber(name)]?.lines ?? 0).toLocaleString()})
                        </option>
                    ))}
                </select>
            )}
            <Tool label="Lanes side by side" pressed={side} icon="columns" onClick={() => onLanes(side ? [] : firstColumns(known, names))}>
                <span class="log-words">Side by side</span>
            </Tool>
            {side && names.length < Math.min(COLUMNS_MAX, offered.length) && (
                <Tool label="Add a column" icon="plus" onClick={() => onLanes(withColumn(known, names))}>
                    Column
                </Tool>
            )}
        </>
    );
}

function CopyLink({ line }: { line: number }) {
    const [copied, setCopied] = useState(-1);
    const copy = () => {
        const address = `${location.origin}${location.pathname}${location.search}#L${line + 1}`;
        navigator.clipboard?.writeText(address).then(
            () => setCopied(line),
            () => setCopied(-1),
        );
    };
    return (
        <Tool label={`Copy the link to line ${line + 1}`} icon="link" onClick={copy}>
            {copied === line ? "Copied" : `Line ${line + 1}`}
        </Tool>
    );
}
