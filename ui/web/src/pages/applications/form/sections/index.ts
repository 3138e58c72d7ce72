/** The form from top to bottom. */
import { belongsTo, type Section } from "../spec";
import { balancer } from "./balancer";
import { blueGreen } from "./blue_green";
import { build } from "./build";
import { disks } from "./disks";
import { features } from "./features";
import { hooks } from "./hooks";
import { identity } from "./identity";
import { instances } from "./instances";
import { modules } from "./modules";
import { notifications } from "./notifications";
import { place } from "./place";
import { scaling } from "./scaling";
import { variables } from "./variables";

export const SECTIONS: Section[] = [identity, place, modules, features, build, instances, disks, variables, hooks, scaling, balancer, blueGreen, notifications];

export function sectionOf(path: string): Section | undefined {
    return SECTIONS.find((section) => belongsTo(section, path));
}
