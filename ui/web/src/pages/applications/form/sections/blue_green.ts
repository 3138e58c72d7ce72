import { getAt } from "../document";
import { twinWarning } from "../rules";
import type { Place, Section } from "../spec";

const isOn = ({ draft }: Place) => getAt(draft, "blue_green.enable_blue_green") === true;
const hasColor = (place: Place) => isOn(place) && !place.isNew;

export const blueGreen: Section = {
    id: "blue-green",
    title: "Blue/green",
    about: "A twin is made with the same name, environment and role. What runs is swapped between the two.",
    fields: [
        {
            kind: "check",
            path: "blue_green.enable_blue_green",
            label: "Enable blue/green",
            hint: "Switching it off later deletes the twin",
            warn: (value, { base }) => twinWarning(value === "true", getAt(base, "blue_green.enable_blue_green") === true),
            wide: true,
        },
        { kind: "script", path: "blue_green.hooks.pre_swap", label: "Before a swap (pre_swap)", when: isOn },
        { kind: "script", path: "blue_green.hooks.post_swap", label: "After a swap (post_swap)", when: isOn },
        {
            kind: "select",
            path: "blue_green.color",
            label: "Colour",
            when: hasColor,
            hint: "Given when the twin is made; changed here only to repair something",
            choices: [
                { value: "", label: "None" },
                { value: "blue", label: "Blue" },
                { value: "green", label: "Green" },
            ],
        },
        { kind: "check", path: "blue_green.is_online", label: "This one is online", when: hasColor, hint: "Set by swaps; changed here only to repair something" },
    ],
};
