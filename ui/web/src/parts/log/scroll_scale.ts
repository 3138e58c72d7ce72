/**
 * Browsers know no element higher than some millions of pixels. Of what is higher, the scroll bar stands for more than
 * its length; a turn of the wheel still moves by what it says.
 */
export class ScrollScale {
    /** The first pixel of the content that is seen. */
    position = 0;
    /** What the browser's scroll position is. */
    top = 0;

    /** How much of it is seen. */
    view = 0;

    private total = 0;

    constructor(private readonly most = 12_000_000) {}

    /** How high the element is made. */
    get height(): number {
        return Math.min(this.total, this.most);
    }

    get end(): number {
        return Math.max(0, this.total - this.view);
    }

    /** What is added to a place in the content for its place in the element. */
    get shift(): number {
        return this.top - this.position;
    }

    resize(total: number, view: number): void {
        this.total = total;
        this.view = view;
        this.position = Math.min(this.position, this.end);
    }

    /** The browser says where it is. */
    scrolled(top: number): void {
        const moved = top - this.top;
        this.top = top;
        if (this.total <= this.most) this.position = top;
        else if (top <= 0) this.position = 0;
        else if (top >= this.range) this.position = this.end;
        else if (Math.abs(moved) <= this.view * 2) this.position += moved;
        else this.position = (top / this.range) * this.end;
        this.position = Math.min(this.end, Math.max(0, this.position));
    }

    /** Returns what the browser is to be told. */
    goTo(position: number): number {
        this.position = Math.min(this.end, Math.max(0, position));
        return this.settle();
    }

    /** The same place, with the scroll bar where it belongs: small moves add up. */
    settle(): number {
        this.top = this.total <= this.most ? this.position : this.end > 0 ? Math.round((this.position / this.end) * this.range) : 0;
        return this.top;
    }

    private get range(): number {
        return Math.max(0, this.height - this.view);
    }
}
