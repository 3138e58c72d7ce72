import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { Icon, type IconName } from "~/parts/Icon";

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
    keep: (change: () => void) => void;
};

function Tool({ label, pressed, icon, onClick, children }: { label: string; pressed?: boolean; icon?: IconName; onClick: () => void; children?: ComponentChildren }) {
    return (
        <button type="button" class="log-tool" title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
            {icon && <Icon name={icon} size={16} />}
            {children}
        </button>
    );
}

export function LogBar({ model, path, line, follow, large, searching, onFollow, onSearch, onLarge, onWrap, keep }: BarProps) {
    const { rows, store, steps } = model;
    const allFolded = steps.starts.length > 0 && rows.folded.size >= steps.starts.length;
    return (
        <div class="log-bar">
            {store.lanes.length > 1 && (
                <select
                    class="log-lanes"
                    aria-label="Lines of"
                    value={rows.lane === null ? "" : String(rows.lane)}
                    onChange={({ currentTarget: { value } }) => keep(() => model.setLane(value === "" ? null : Number(value)))}
                >
                    <option value="">All together</option>
                    {store.lanes.map((lane, number) => (
                        <option value={number} key={lane.name}>
                            {lane.name || "Controller"} ({lane.lines.toLocaleString()})
                        </option>
                    ))}
                </select>
            )}
            {steps.starts.length > 1 && rows.lane === null && <Tool label={allFolded ? "Unfold all steps" : "Fold all steps"} onClick={() => keep(() => model.foldAll(!allFolded))}>{allFolded ? "Unfold" : "Fold"}</Tool>}
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
