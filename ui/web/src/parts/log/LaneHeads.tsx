import { Icon } from "~/parts/Icon";

import { laneLabel, withLane } from "./lane_choice";
import type { LogModel } from "./log_model";
import { laneColour } from "./row_text";

/** Above each column whose it is, to be chosen there. */
export function LaneHeads({ model, onLanes }: { model: LogModel; onLanes: (names: string[]) => void }) {
    const { names, known, store } = model;
    const offered = [...new Set([...known, ...names])];
    return (
        <>
            <span class="log-time" />
            {names.map((name, column) => {
                const number = store.laneNumber(name);
                const label = laneLabel(name);
                return (
                    <div class="log-lane-head" key={column}>
                        <select class={`log-lanes ${number > 0 ? laneColour(number) : ""}`} aria-label={`Column ${column + 1}`} value={name} onChange={({ currentTarget: { value } }) => onLanes(withLane(names, column, value))}>
                            {offered.map((one) => (
                                <option value={one} key={one}>
                                    {laneLabel(one)} ({(store.lanes[store.laneNumber(one)]?.lines ?? 0).toLocaleString()})
                                </option>
                            ))}
                        </select>
                        <button type="button" class="log-tool" aria-label={`Close the column of ${label}`} title="Close the column" onClick={() => onLanes(names.filter((one) => one !== name))}>
                            <Icon name="close" size={14} />
                        </button>
                    </div>
                );
            })}
        </>
    );
}
