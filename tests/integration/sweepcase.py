"""How something is swept: it runs once undisturbed, and what it was seen to call is what the controller is then killed at, each call
before it is done and after it is done but before the controller hears of it. The end must be the same each time."""
import dataclasses
import unittest
from typing import Callable

import ghostlab
from awslab import LIVING

SIDES = ("hold-before", "hold-after")


@dataclasses.dataclass
class Swept:
    """prepare makes what it starts from, start begins it and gives a job's id (or None), ended says whether that has come to its end,
    check looks at what must be so then."""
    name: str
    start: Callable
    check: Callable
    prepare: Callable = lambda: None
    ended: Callable = None  # None: the job has
    only: tuple = ()  # these actions; none: all that change something
    limit: int = 100  # of several calls of one action so many are held


class SweepCase(unittest.TestCase):
    lab = None

    def setUp(self):
        self.lab.clear_faults()
        self.lab.remember_suspended()

    def ended(self, swept, job_id):
        return swept.ended() if swept.ended else self.lab.job(job_id)["status"] in ghostlab.FINAL

    def carried_out(self, job_id=None):
        """How often each thing that costs was done: of a job, or (templates) since ever."""
        state = self.lab.sandbox_state()
        of_job = [key for key, tags in state["tags"].items() if job_id and tags.get("ghost:job") == job_id]
        return {"RunInstances": len([i for i in state["instances"] if i["id"] in of_job]),
                "CreateImage": len([i for i in state["images"] if i["id"] in of_job]),
                "CreateLaunchTemplate": len(state["launch_templates"]),
                "CreateLaunchTemplateVersion": sum(row["latest"] for row in state["launch_templates"].values())}

    def recorded(self):
        return {i["instance_id"] for i in self.lab.get("/instances?max_results=200")["_items"] if i["state"] != "gone"}

    def living(self):
        return {i["id"] for i in self.lab.sandbox_instances() if i["state"] in LIVING}

    def begin(self, swept, **fault):
        """Returns the job's id."""
        swept.prepare()
        self.before = self.carried_out()
        self.lab.forget_calls()
        if fault:
            self.lab.fault(**fault)
        return swept.start()

    def finish(self, swept, job_id):
        """Waits for the end; returns what was carried out."""
        ghostlab.wait_for(f"the end of {swept.name}", lambda: self.ended(swept, job_id), 120)
        if job_id:
            job = self.lab.job(job_id)
            self.assertEqual(job["status"], "done", f"{job['message']}\n{self.lab.log(job_id)[-2000:]}")
        done = {action: count - self.before[action] for action, count in self.carried_out(job_id).items()}
        swept.check()
        self.lab.assert_nothing_left(self)
        ghostlab.wait_for("Ghost to know who is gone", lambda: self.recorded() <= self.living())
        return done

    def points(self, swept):
        """(service, action, the how manieth) of all its calls, in order, and what an undisturbed run carries out."""
        done = self.finish(swept, self.begin(swept))
        seen, points = {}, []
        for call in self.lab.mutations():
            key = call["service"], call["action"]
            seen[key] = seen.get(key, 0) + 1
            if seen[key] <= swept.limit and (not swept.only or call["action"] in swept.only):
                points.append((*key, seen[key]))
        self.assertEqual(set(swept.only) - {action for _, action, _ in points}, set(), f"{swept.name} does not call these")
        self.assertTrue(points, f"{swept.name} changed nothing")
        return points, done

    def kill_at(self, swept, point, side):
        """Holds that call, kills the controller there, starts it again; whether there was such a call, and what was carried out."""
        lab = self.lab
        service, action, nth = point
        job_id = self.begin(swept, service=service, action=action, nth=nth, when=side)
        ghostlab.wait_for(f"{action} to be held, or the end", lambda: lab.held() or self.ended(swept, job_id), 120)
        held = bool(lab.held())
        if held:
            lab.kill_controller()
            # A call that was held before it was done is not done any more: its client has gone.
            ghostlab.wait_for("the held call to end", lambda: not lab.held())
            lab.clear_faults()
            lab.start_controller()
        lab.clear_faults()
        return held, self.finish(swept, job_id)

    def sweep(self, swept):
        points, once = self.points(swept)
        held = 0
        for point in points:
            for side in SIDES:
                with self.subTest(swept=swept.name, call=f"{point[1]} {point[2]}", side=side):
                    was_held, done = self.kill_at(swept, point, side)
                    held += was_held
                    self.assertEqual(done, once)  # each intent once
        print(f"{swept.name}: killed at {held} of {len(points) * len(SIDES)} points: {', '.join(f'{a} {n}' for _, a, n in points)}")
        self.assertEqual(held, len(points) * len(SIDES))
