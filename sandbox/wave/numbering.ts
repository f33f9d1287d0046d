/** The series of numbers on forms: the next one is the largest that is there, plus one. Numbers with letters do not count. */
export class NumberSeries {
  private readonly numbers: () => Iterable<string>;
  private largest: bigint | undefined;

  constructor(numbers: () => Iterable<string>) {
    this.numbers = numbers;
  }

  next(): string {
    if (this.largest === undefined) {
      this.largest = 0n;
      for (const number of this.numbers()) this.took(number);
    }
    return String(this.largest + 1n);
  }

  took(number: string): void {
    if (this.largest === undefined || !/^\d{1,15}$/.test(number)) return;
    if (BigInt(number) > this.largest) this.largest = BigInt(number);
  }

  /** A number is no longer used; whether it was the largest is found out when the next one is needed. */
  freed(): void {
    this.largest = undefined;
  }
}
