import { isObject, type Json } from "../document";
import type { Section } from "../spec";

const TYPES = {
    gp3: "gp3, general purpose",
    gp2: "gp2, general purpose, before gp3",
    io2: "io2, provisioned IOPS",
    io1: "io1, provisioned IOPS, before io2",
    st1: "st1, throughput",
    sc1: "sc1, cold",
    standard: "standard, magnetic",
};

const DEVICES = [..."bcdefghijklm"].map((letter) => `/dev/xvd${letter}`);

export function freeDevice(volumes: Json[]): string {
    return DEVICES.find((device) => !volumes.some((volume) => isObject(volume) && volume.device_name === device)) ?? "";
}

export const disks: Section = {
    id: "disks",
    title: "Disks",
    fields: [
        { kind: "number", path: "environment_infos.root_block_device.size", label: "Root disk", min: 20, placeholder: "20", hint: "GiB, 20 or more" },
        { kind: "text", path: "environment_infos.root_block_device.name", label: "Its device", placeholder: "As the image has it", hint: "/dev/xvda, say" },
        {
            kind: "list",
            path: "environment_infos.optional_volumes",
            label: "More volumes",
            noun: "volume",
            blank: (items) => ({ device_name: freeDevice(items), volume_type: "gp3", volume_size: 20 }),
            item: [
                { kind: "text", path: "device_name", label: "Device", required: true, placeholder: "/dev/xvdb", suggest: DEVICES },
                { kind: "select", path: "volume_type", label: "Type", required: true, choices: Object.entries(TYPES).map(([value, label]) => ({ value, label })) },
                { kind: "number", path: "volume_size", label: "Size (GiB)", required: true, min: 1 },
                { kind: "number", path: "iops", label: "IOPS", min: 0, hint: "io1 and io2 need it; with gp3 it may be said" },
                { kind: "check", path: "launch_block_device_mappings", label: "Also on the builder", hint: "So that features can write on it", wide: true },
            ],
            empty: "None besides the root disk.",
        },
    ],
};
