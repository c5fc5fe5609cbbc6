import { marshall } from '@aws-sdk/util-dynamodb';

/** Builds one UpdateItem: `null` removes an attribute, and a condition on `null` asks for its absence. */
export class Update {
  readonly #names: Record<string, string> = {};
  readonly #values: Record<string, unknown> = {};
  readonly #set: string[] = [];
  readonly #remove: string[] = [];
  readonly #add: string[] = [];
  readonly #conditions: string[] = [];

  set(name: string, value: unknown): void {
    if (value === undefined) return;
    if (value === null) this.#remove.push(this.#name(name));
    else this.#set.push(`${this.#name(name)} = ${this.#value(value)}`);
  }

  /** Adds a number (negative takes away) to one that is 0 where it is absent. */
  add(name: string, by: number): void {
    this.#add.push(`${this.#name(name)} ${this.#value(by)}`);
  }

  /** Adds members to a set (DynamoDB sets cannot be empty). */
  addToSet(name: string, members: Set<number>): void {
    this.#add.push(`${this.#name(name)} ${this.#value(members)}`);
  }

  /** The set is absent, or has no such member. */
  lacks(name: string, member: number): void {
    const attribute = this.#name(name);
    this.#conditions.push(
      `(attribute_not_exists(${attribute}) OR NOT contains(${attribute}, ${this.#value(member)}))`,
    );
  }

  require(condition: string): void {
    this.#conditions.push(condition);
  }

  equals(name: string, value: unknown): void {
    this.#conditions.push(
      value === null
        ? `attribute_not_exists(${this.#name(name)})`
        : `${this.#name(name)} = ${this.#value(value)}`,
    );
  }

  oneOf(name: string, values: unknown[]): void {
    this.#conditions.push(`${this.#name(name)} IN (${values.map((value) => this.#value(value)).join(', ')})`);
  }

  absentOrBelow(name: string, value: unknown): void {
    const attribute = this.#name(name);
    this.#conditions.push(`(attribute_not_exists(${attribute}) OR ${attribute} < ${this.#value(value)})`);
  }

  absentOrAtMost(name: string, value: unknown): void {
    const attribute = this.#name(name);
    this.#conditions.push(`(attribute_not_exists(${attribute}) OR ${attribute} <= ${this.#value(value)})`);
  }

  expressions() {
    const clauses = [
      ...(this.#set.length > 0 ? [`SET ${this.#set.join(', ')}`] : []),
      ...(this.#remove.length > 0 ? [`REMOVE ${this.#remove.join(', ')}`] : []),
      ...(this.#add.length > 0 ? [`ADD ${this.#add.join(', ')}`] : []),
    ];
    return {
      UpdateExpression: clauses.join(' '),
      ...(this.#conditions.length > 0 && { ConditionExpression: this.#conditions.join(' AND ') }),
      ...(Object.keys(this.#names).length > 0 && { ExpressionAttributeNames: this.#names }),
      ...(Object.keys(this.#values).length > 0 && {
        ExpressionAttributeValues: marshall(this.#values, { removeUndefinedValues: true }),
      }),
    };
  }

  // Every attribute goes through a name, since DynamoDB reserves hundreds of words.
  #name(name: string): string {
    const alias = `#${name}`;
    this.#names[alias] = name;
    return alias;
  }

  #value(value: unknown): string {
    const alias = `:v${Object.keys(this.#values).length}`;
    this.#values[alias] = value;
    return alias;
  }
}
