/** A way to the controller that can be cut: what goes through it breaks off, as when a network goes. */
import net from "node:net";

import { known } from "./browser.mjs";

export async function breakableWay() {
    const sockets = new Set();
    let broken = false;
    const server = net.createServer((near) => {
        if (broken) {
            near.destroy();
            return;
        }
        const far = net.connect(known.port, "127.0.0.1");
        for (const socket of [near, far]) {
            sockets.add(socket);
            socket.unref(); // a scenario that failed ends all the same
            socket.on("close", () => {
                sockets.delete(socket);
                near.destroy();
                far.destroy();
            });
            socket.on("error", () => {});
        }
        near.pipe(far);
        far.pipe(near);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    const cut = () => {
        for (const socket of sockets) socket.destroy();
    };
    return {
        url: `http://127.0.0.1:${server.address().port}`,
        breakOff: () => {
            broken = true;
            cut();
        },
        mend: () => {
            broken = false;
        },
        close: () => {
            cut();
            server.close();
        },
    };
}
