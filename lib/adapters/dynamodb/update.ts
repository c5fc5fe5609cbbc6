import { dueShardOf } from '../../runs/due.ts';
import type { Lease } from '../../runs/run.ts';
import { FIXED_SHARDS, type Shards } from '../../runs/shards.ts';
import { marshall } from './attribute-value.ts';

/**
 * Builds the expressions of one UpdateItem. Setting `null` removes an attribute and setting `undefined` leaves it; a
 * condition on `null` requires the attribute to be absent.
 *
 * @example
 * const update = new Update();
 * update.set('status', 'completed');
 * update.equals('lease_token', token);
 * const item = await updateItem(table, key, update); // undefined when the lease is lost
 */
export class Update {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, unknown>();
  readonly #set: string[] = [];
  readonly #remove: string[] = [];
  readonly #add: string[] = [];
  readonly #conditions: string[] = [];

  set(name: string, value: unknown): void {
    if (value === undefined) return;
    if (value === null) this.#remove.push(this.#name(name));
    else this.#set.push(`${this.#name(name)} = ${this.#value(value)}`);
  }

  setIfAbsent(name: string, value: unknown): void {
    const attribute = this.#name(name);
    this.#set.push(`${attribute} = if_not_exists(${attribute}, ${this.#value(value)})`);
  }

  /** Adds a number, which may be negative; an absent attribute counts as 0. */
  add(name: string, by: number): void {
    this.#add.push(`${this.#name(name)} ${this.#value(by)}`);
  }

  /** Adds members to a set; `members` must not be empty, which DynamoDB refuses. */
  addToSet(name: string, members: Set<number>): void {
    this.#add.push(`${this.#name(name)} ${this.#value(members)}`);
  }

  /** Requires that the set is absent or lacks the member. */
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

  /** Requires a number within these bounds, both included. */
  between(name: string, low: number, high: number): void {
    this.#conditions.push(`${this.#name(name)} BETWEEN ${this.#value(low)} AND ${this.#value(high)}`);
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
      ...(this.#names.size > 0 && { ExpressionAttributeNames: Object.fromEntries(this.#names) }),
      ...(this.#values.size > 0 && {
        ExpressionAttributeValues: marshall(Object.fromEntries(this.#values)),
      }),
    };
  }

  // Every attribute gets an alias, because DynamoDB reserves hundreds of words:
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
  #name(name: string): string {
    const alias = `#${name}`;
    this.#names.set(alias, name);
    return alias;
  }

  #value(value: unknown): string {
    const alias = `:v${this.#values.size}`;
    this.#values.set(alias, value);
    return alias;
  }
}

type LeasedChange = { lease?: Lease | null; dueAt?: number | null; dueTries?: number };
type LeasedCondition = {
  status?: string[];
  leaseToken?: string;
  leaseBefore?: number;
  dueAt?: number | null;
};

/** The lease on an item, as `leasedUpdate` writes it; null without one. */
export const leaseOf = (item: Record<string, unknown>): Lease | null =>
  item.lease_token === undefined
    ? null
    : { token: item.lease_token as string, until: item.lease_until as number };

/** An update of the fields that runs, files and blocks share: the lease and the due time, with conditions on them. */
export const leasedUpdate = (
  pk: string,
  { lease, dueAt, dueTries }: LeasedChange,
  condition: LeasedCondition,
  shards: Pick<Shards, 'due'> = FIXED_SHARDS,
): Update => {
  const update = new Update();
  if (lease !== undefined) {
    update.set('lease_token', lease?.token ?? null);
    update.set('lease_until', lease?.until ?? null);
  }
  if (dueAt !== undefined) {
    update.set('due_at', dueAt);
    update.set('due_shard', dueAt === null ? null : dueShardOf(pk, shards.due()));
  }
  update.set('due_tries', dueTries);
  if (condition.status) update.oneOf('status', condition.status);
  if (condition.leaseToken !== undefined) update.equals('lease_token', condition.leaseToken);
  if (condition.leaseBefore !== undefined) update.absentOrBelow('lease_until', condition.leaseBefore);
  if (condition.dueAt !== undefined) update.equals('due_at', condition.dueAt);
  return update;
};

/** The attributes that put an item into the sparse `due` index; none when `dueAt` is null. */
export const dueAttributes = (
  pk: string,
  dueAt: number | null,
  shards: Pick<Shards, 'due'> = FIXED_SHARDS,
): { due_at?: number; due_shard?: number } =>
  dueAt === null ? {} : { due_at: dueAt, due_shard: dueShardOf(pk, shards.due()) };
