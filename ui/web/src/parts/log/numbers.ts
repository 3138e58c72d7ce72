/** Numbers that only rise, a million of them: no object for each. */
export class Numbers {
    values = new Uint32Array(1024);
    count = 0;

    push(value: number): void {
        if (this.count === this.values.length) {
            const larger = new Uint32Array(this.count * 2);
            larger.set(this.values);
            this.values = larger;
        }
        this.values[this.count++] = value;
    }

    /** The place of the last one that is at most that; -1: none. */
    atMost(value: number): number {
        let low = -1;
        let high = this.count - 1;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (this.values[middle]! <= value) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /** The place of that number; -1: it is not among them. */
    find(value: number): number {
        const at = this.atMost(value);
        return at >= 0 && this.values[at] === value ? at : -1;
    }
}
