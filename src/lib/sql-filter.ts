/** A WHERE clause that is put together from what was asked for: its text from here, its values as parameters. */
export class SqlFilter {
  readonly values: unknown[] = [];
  readonly #conditions: string[] = [];

  /** A condition on `value`, unless that is undefined; `condition` gets the parameter's placeholder. */
  add(value: unknown, condition: (placeholder: string) => string): void {
    if (value !== undefined) this.#conditions.push(condition(this.parameter(value)));
  }

  /** One more parameter of the statement; its placeholder. */
  parameter(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** All conditions; true without any. */
  get sql(): string {
    return this.#conditions.length === 0 ? 'true' : this.#conditions.join(' AND ');
  }
}
